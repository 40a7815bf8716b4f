export type Version = readonly [major: number, minor: number, patch: number];

/** What is known to speak against a version of LiteLLM; `unsafe` ones run on where they run, and are not installed. */
export type Verdict = { readonly kind: 'refused' | 'unsafe' | 'doubtful'; readonly why: string };

/** Of a text such as `v1.108.11`. */
export function parseVersion(text: string): Version | undefined {
  const match = /^v?(\d{1,5})\.(\d{1,5})\.(\d{1,5})(?![\d.])/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

/** The version that an image's tag names, or a package's (`litellm==1.108.11`); undefined for rolling tags and digests. */
export function versionOfImage(image: string): Version | undefined {
  const tag = /(?::|==)([^:/@=]+)(?:@.*)?$/.exec(image)?.[1];
  return tag === undefined ? undefined : parseVersion(tag);
}

/** Below 0 when `a` is older than `b`. */
export function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** The first version of LiteLLM without the SQL injection that needs no key (CVE-2026-42208). */
const OLDEST_SAFE: Version = [1, 83, 10];
/** Published with stolen credentials in March 2026. */
const STOLEN: readonly Version[] = [
  [1, 82, 7],
  [1, 82, 8],
];
/** Ends at its start when there is no internet. */
const NEEDS_INTERNET: readonly (readonly [from: Version, to: Version])[] = [
  [
    [1, 104, 0],
    [1, 104, 6],
  ],
  [
    [1, 105, 0],
    [1, 105, 4],
  ],
  [
    [1, 106, 0],
    [1, 106, 3],
  ],
];

export function judgeVersion(version: Version): Verdict | undefined {
  const name = version.join('.');
  if (STOLEN.some((bad) => compareVersions(bad, version) === 0)) {
    return { kind: 'refused', why: `LiteLLM ${name} was published by thieves and steals credentials` };
  }
  if (compareVersions(version, OLDEST_SAFE) < 0) {
    return { kind: 'unsafe', why: `LiteLLM ${name} lets strangers into its database (CVE-2026-42208)` };
  }
  const offline = NEEDS_INTERNET.some(
    ([from, to]) => compareVersions(from, version) <= 0 && compareVersions(version, to) <= 0,
  );
  return offline ? { kind: 'doubtful', why: `LiteLLM ${name} may end at its start without internet` } : undefined;
}

/** `image` with another tag, or the package with another version. */
export function withVersion(image: string, version: Version): string {
  if (image.includes('==')) return image.replace(/==.*$/, `==${version.join('.')}`);
  const repository = image.replace(/@.*$/, '').replace(/:[^:/]+$/, '');
  return `${repository}:v${version.join('.')}`;
}
