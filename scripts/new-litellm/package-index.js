import { EnvHttpProxyAgent, request } from 'undici';
import { sourceModule } from '../source-module.js';

/** @type {typeof import('../../src/litellm/releases/published-releases.ts')} */
const { publishedReleases, RELEASES_TYPE } = await sourceModule('src/litellm/releases/published-releases.ts');

/** @typedef {{ version: string, day: string }} Release */

const INDEX = process.env.UV_INDEX_URL || process.env.PIP_INDEX_URL || 'https://pypi.org/simple';

/**
 * The whole releases of LiteLLM that an index has, oldest first.
 * @returns {Promise<Release[]>}
 */
export async function litellmReleases() {
  const url = `${INDEX.replace(/\/$/, '')}/litellm/`;
  const { statusCode, body } = await request(url, {
    headers: { accept: RELEASES_TYPE },
    dispatcher: new EnvHttpProxyAgent(),
    signal: AbortSignal.timeout(60_000),
  });
  if (statusCode !== 200) throw new Error(`the package index answered ${statusCode}`);
  return releasesIn(await body.text());
}

/**
 * @param {string} index the text of its answer
 * @returns {Release[]}
 */
export function releasesIn(index) {
  const releases = publishedReleases(index);
  if (!releases) throw new Error('the package index answered something else');
  return releases.map(({ version, date }) => ({ version: version.slice(0, 3).join('.'), day: date ?? '' }));
}

/**
 * The releases right before a version, newest first.
 * @param {readonly Release[]} releases
 * @param {string} version
 * @param {number} count
 */
export function releasesBefore(releases, version, count) {
  const at = releases.findIndex((release) => release.version === version);
  return at < 0 ? [] : releases.slice(Math.max(0, at - count), at).reverse();
}
