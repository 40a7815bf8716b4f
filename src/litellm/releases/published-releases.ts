import * as z from 'zod/mini';
import { jsonAs } from '../../text/json.ts';
import { advisoryOf } from './advisories.ts';
import { compareVersions, formatVersion, parseVersion, type Version } from './litellm-version.ts';

/** PyPI's index of LiteLLM's files (PEP 691, JSON). */
export const RELEASES_URL = 'https://pypi.org/simple/litellm/';
export const RELEASES_TYPE = 'application/vnd.pypi.simple.v1+json';

const INDEX = z.object({
  files: z.array(
    z.object({
      filename: z.string(),
      'upload-time': z.catch(z.optional(z.string()), undefined),
      // A yanked file may have its reason here.
      yanked: z.catch(z.union([z.boolean(), z.string()]), false),
    }),
  ),
});

export interface PublishedRelease {
  readonly version: Version;
  /** `2026-11-20`; null where the index does not tell. */
  readonly date: string | null;
}

/** Whole releases that were not withdrawn, the oldest first. Undefined when the text is no such index. */
export function publishedReleases(text: string): readonly PublishedRelease[] | undefined {
  const files = jsonAs(INDEX, text)?.files;
  const releases = files?.flatMap(({ filename, yanked, 'upload-time': uploaded }) => {
    const version = yanked === false ? wheelVersion(filename) : undefined;
    return version ? [{ version, date: /^\d{4}-\d{2}-\d{2}/.exec(uploaded ?? '')?.[0] ?? null }] : [];
  });
  // A release may have a wheel for each platform.
  const each = releases && new Map(releases.map((release) => [formatVersion(release.version), release])).values();
  return each && [...each].sort((a, b) => compareVersions(a.version, b.version));
}

/**
 * The newest release that can be installed: none that is known to be stolen or vulnerable. Undefined when the text is no such
 * index; null when it has no such release.
 */
export function newestRelease(text: string): PublishedRelease | null | undefined {
  const releases = publishedReleases(text);
  return releases && (releases.filter(isWanted).at(-1) ?? null);
}

/** Of `litellm-1.108.11-py3-none-any.whl`; a pre-release or a post release, which says more than three numbers, is none. */
function wheelVersion(filename: string): Version | undefined {
  const text = /^litellm-([^-]+)-.*\.whl$/.exec(filename)?.[1];
  const version = text === undefined ? undefined : parseVersion(text);
  return version && formatVersion(version) === text ? version : undefined;
}

function isWanted({ version }: PublishedRelease): boolean {
  const kind = advisoryOf(version)?.kind;
  return kind !== 'stolen' && kind !== 'vulnerable';
}
