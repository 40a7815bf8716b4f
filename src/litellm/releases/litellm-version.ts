import * as order from 'compare-versions';

/** With the text of a pre-release (`rc.1`), which comes before the release itself. */
export type Version = readonly [major: number, minor: number, patch: number, pre?: string];

const NUMBERS = /^v?(?:\d{1,3}!)?(\d{1,5})\.(\d{1,5})\.(\d{1,5})(?!\d)(.*)$/i;

const PRE_RELEASE = /^[._-]?((?:rc|alpha|beta|pre|preview|dev|nightly|[ab](?=\d))[a-z0-9._-]*)$/i;

/** Of a text such as `v1.108.11`, `1.84.0rc1`, `v1.107.0-stable` or `1.107.0.post1`. */
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

/** Docker takes no longer one. */
const LONGEST_TAG = 128;

/** The tag of an image, or the version of a package (`litellm==1.108.11`). */
function tagOf(image: string): string | undefined {
  return /(?::|==)([^:/@=]+)$/.exec(image.replace(/@.*$/s, ''))?.[1]?.slice(0, LONGEST_TAG);
}

/** All versions that a tag may mean: mirrors put words before and after it, such as `main-v1.107.0` or `prod-1.107.0_2`. */
export function versionsInImage(image: string): readonly Version[] {
  const tag = tagOf(image);
  if (tag === undefined) return [];
  // For pip 1.107 and 1.107.0 are the same.
  const short = /==\d+(\.\d+)?$/.test(image) ? (parseVersion(`${tag}.0`) ?? parseVersion(`${tag}.0.0`)) : undefined;
  const found = [...tag.matchAll(/(?<![\d.])\d{1,5}\.\d{1,5}\.\d{1,5}(?!\d)/g)];
  if (short) return [short];
  return found.map(({ index }) => parseVersion(tag.slice(index))).filter((version) => version !== undefined);
}

/** The version that an image's tag names, or a package's; undefined for rolling tags, digests and tags with several. */
export function versionOfImage(image: string): Version | undefined {
  const [first, ...others] = versionsInImage(image);
  return others.length > 0 ? parseVersion(tagOf(image) ?? '') : first;
}

/** Below 0 when `a` is older than `b`. */
export function compareVersions(a: Version, b: Version): number {
  return order.compareVersions(semanticVersion(a), semanticVersion(b));
}

/** `1.85.0-rc.10` of `1.85.0rc10`: numbers within a pre-release count as numbers only when they stand alone. */
function semanticVersion([major, minor, patch, pre]: Version): string {
  const parts = pre?.match(/\d{1,9}|[a-z]+/g) ?? [];
  return [`${major}.${minor}.${patch}`, ...(parts.length > 0 ? [parts.join('.')] : [])].join('-');
}

/** Also with another suffix: `1.107.0-stable`, `1.107.0.post1` and `1.107.0rc1` are built from the same source. */
export function isSameRelease(a: Version, b: Version): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2];
}

/** `image` with another tag, or the package with another version. */
export function withVersion(image: string, version: Version): string {
  const text = version.slice(0, 3).join('.');
  if (image.includes('==')) return image.replace(/==.*$/s, `==${text}`);
  const repository = image.replace(/@.*$/s, '').replace(/:[^:/]+$/, '');
  return `${repository}:v${text}`;
}

/** Whether the name means now this release and now that one, such as `latest`, `main-stable`, or none at all. */
export function isRolling(image: string): boolean {
  return !image.includes('@') && versionsInImage(image).length === 0;
}

/** As far as their tags tell. */
export function isOlderImage(image: string, than: string): boolean {
  const [one, other] = [versionOfImage(image), versionOfImage(than)];
  return one !== undefined && other !== undefined && compareVersions(one, other) < 0;
}
