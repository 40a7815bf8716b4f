import { EnvHttpProxyAgent, request } from 'undici';

/** @typedef {{ version: string, day: string }} Release */

const INDEX = process.env.UV_INDEX_URL || process.env.PIP_INDEX_URL || 'https://pypi.org/simple';

/**
 * The whole releases of LiteLLM that an index has, oldest first.
 * @returns {Promise<Release[]>}
 */
export async function litellmReleases() {
  const url = `${INDEX.replace(/\/$/, '')}/litellm/`;
  const { statusCode, body } = await request(url, {
    headers: { accept: 'application/vnd.pypi.simple.v1+json' },
    dispatcher: new EnvHttpProxyAgent(),
    signal: AbortSignal.timeout(60_000),
  });
  if (statusCode !== 200) throw new Error(`the package index answered ${statusCode}`);
  return releasesIn(/** @type {{ files: IndexFile[] }} */ (await body.json()).files);
}

/** @typedef {{ filename: string, yanked?: boolean | string, 'upload-time'?: string }} IndexFile */

/**
 * @param {readonly IndexFile[]} files
 * @returns {Release[]}
 */
export function releasesIn(files) {
  const releases = files.flatMap(({ filename, yanked, 'upload-time': uploaded = '' }) => {
    const version = /^litellm-(\d+\.\d+\.\d+)-.*\.whl$/.exec(filename)?.[1];
    return version && !yanked ? [{ version, day: uploaded.slice(0, 10) }] : [];
  });
  return releases.sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
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
