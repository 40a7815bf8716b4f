import * as order from 'compare-versions';

/** May end with the text of a pre-release (`rc.1`), which sorts before the release. */
export type Version = readonly [major: number, minor: number, patch: number, pre?: string];

const NUMBERS = /^v?(?:\d{1,3}!)?(\d{1,5})\.(\d{1,5})\.(\d{1,5})(?!\d)(.*)$/i;

const PRE_RELEASE = /^[._-]?((?:rc|alpha|beta|pre|preview|dev|nightly|[ab](?=\d))[a-z0-9._-]*)$/i;

/** Parses texts such as `v1.108.11`, `1.84.0rc1`, `v1.107.0-stable` and `1.107.0.post1`. */
export function parseVersion(text: string): Version | undefined {
  const match = NUMBERS.exec(text);
  if (!match) return undefined;
  const pre = PRE_RELEASE.exec(match[4] ?? '')?.[1];
  const numbers = [Number(match[1]), Number(match[2]), Number(match[3])] as const;
  return pre === undefined ? numbers : [...numbers, pre.toLowerCase()];
}

export function formatVersion([major, minor, patch, pre]: Version): string {
  return `${major}.${minor}.${patch}${pre === undefined ? '' : `-${pre}`}`;
}

/** Docker's limit. */
const LONGEST_TAG = 128;

/** The tag of an image, or the version of a package (`litellm==1.108.11`). */
function tagOf(image: string): string | undefined {
  return /(?::|==)([^:/@=]+)$/.exec(image.replace(/@.*$/s, ''))?.[1]?.slice(0, LONGEST_TAG);
}

/** All versions that a tag may mean. Mirrors add words before and after, as in `main-v1.107.0` and `prod-1.107.0_2`. */
export function versionsInImage(image: string): readonly Version[] {
  const tag = tagOf(image);
  if (tag === undefined) return [];
  // pip treats 1.107 and 1.107.0 as equal.
  const short = /==\d+(\.\d+)?$/.test(image) ? (parseVersion(`${tag}.0`) ?? parseVersion(`${tag}.0.0`)) : undefined;
  const found = [...tag.matchAll(/(?<![\d.])\d{1,5}\.\d{1,5}\.\d{1,5}(?!\d)/g)];
  if (short) return [short];
  return found.map(({ index }) => parseVersion(tag.slice(index))).filter((version) => version !== undefined);
}

/** The version in an image tag or a package; undefined for rolling tags, digests and tags with several versions. */
export function versionOfImage(image: string): Version | undefined {
  const [first, ...others] = versionsInImage(image);
  return others.length > 0 ? parseVersion(tagOf(image) ?? '') : first;
}

/** Negative if `a` is older than `b`. */
export function compareVersions(a: Version, b: Version): number {
  return order.compareVersions(semanticVersion(a), semanticVersion(b));
}

/** `1.85.0-rc.10` for `1.85.0rc10`, because numbers in a pre-release only compare as numbers if they are separate. */
function semanticVersion([major, minor, patch, pre]: Version): string {
  const parts = pre?.match(/\d{1,9}|[a-z]+/g) ?? [];
  return [`${major}.${minor}.${patch}`, ...(parts.length > 0 ? [parts.join('.')] : [])].join('-');
}

/** Ignores suffixes, because `1.107.0-stable`, `1.107.0.post1` and `1.107.0rc1` are built from the same source. */
export function isSameRelease(a: Version, b: Version): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2];
}

/** The image with another tag, or the package with another version. */
export function withVersion(image: string, version: Version): string {
  const text = version.slice(0, 3).join('.');
  if (image.includes('==')) return image.replace(/==.*$/s, `==${text}`);
  const repository = image.replace(/@.*$/s, '').replace(/:[^:/]+$/, '');
  return `${repository}:v${text}`;
}

/** Whether the name can mean another release tomorrow, such as `latest`, `main-stable`, or no tag at all. */
export function isRolling(image: string): boolean {
  return !image.includes('@') && versionsInImage(image).length === 0;
}

/** By their tags; false if these have no version. */
export function isOlderImage(image: string, than: string): boolean {
  const [one, other] = [versionOfImage(image), versionOfImage(than)];
  return one !== undefined && other !== undefined && compareVersions(one, other) < 0;
}
