import rows from './advisories.json' with { type: 'json' };
import { compareVersions, isSameRelease, parseVersion, type Version } from './litellm-version.ts';

/** `stolen` releases never run, `vulnerable` ones may keep running but are not installed, `faulty` ones cause a warning. */
export type AdvisoryKind = 'stolen' | 'vulnerable' | 'faulty';

/** A known problem of LiteLLM releases; `node scripts/advisories.js` refreshes the rows from OSV. */
export interface Advisory {
  readonly id: string;
  readonly kind: AdvisoryKind;
  /** Completes the sentence "LiteLLM 1.2.3 …". */
  readonly what: string;
  readonly versions?: readonly string[];
  readonly ranges?: readonly VersionRange[];
  /** Image digests: `sha256:…`. */
  readonly digests?: readonly string[];
  readonly source: string;
  readonly date: string;
  /** Rows from OSV are replaced by the next refresh; all others are kept. */
  readonly from?: string;
}

export interface VersionRange {
  readonly introduced: string;
  readonly fixed?: string;
  readonly lastAffected?: string;
}

export const ADVISORIES = rows as readonly Advisory[];

const WORST_FIRST: readonly AdvisoryKind[] = ['stolen', 'vulnerable', 'faulty'];

/** The most severe advisory for a release. */
export function advisoryOf(version: Version, all = ADVISORIES): Advisory | undefined {
  const found = all.filter(
    ({ versions = [], ranges = [] }) =>
      versions.some((text) => isSameRelease(versionOf(text), version)) || ranges.some((range) => isIn(range, version)),
  );
  return found.sort((a, b) => WORST_FIRST.indexOf(a.kind) - WORST_FIRST.indexOf(b.kind))[0];
}

/** By the content of an image, whatever its name. */
export function advisoryOfDigest(digest: string | undefined, all = ADVISORIES): Advisory | undefined {
  return all.find(({ digests = [] }) => digest !== undefined && digests.includes(digest));
}

function isIn({ introduced, fixed, lastAffected }: VersionRange, version: Version): boolean {
  if (compareVersions(version, versionOf(introduced)) < 0) return false;
  if (fixed !== undefined) return compareVersions(version, versionOf(fixed)) < 0;
  return lastAffected === undefined || compareVersions(version, versionOf(lastAffected)) <= 0;
}

/** OSV writes `0` for the first version and omits a third part that is 0. */
function versionOf(text: string): Version {
  return parseVersion(text) ?? parseVersion(`${text}.0`) ?? parseVersion(`${text}.0.0`) ?? [0, 0, 0];
}
