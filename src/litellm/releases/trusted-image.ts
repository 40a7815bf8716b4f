import { CliError } from '../../model/errors.ts';
import { DEFAULT_IMAGE } from '../../model/stack-spec.ts';
import { NATIVE_DEFAULTS } from '../../runtime/native/install/locked-release.ts';
import { type Advisory, advisoryOf, advisoryOfDigest } from './advisories.ts';
import {
  compareVersions,
  formatVersion,
  isRolling,
  parseVersion,
  type Version,
  versionOfImage,
  versionsInImage,
  withVersion,
} from './litellm-version.ts';

/** Refuses stolen images, and vulnerable ones that would be newly `installed`; returns warnings for others. */
export function requireTrustedImage(image: string, { installed }: { readonly installed: boolean }): string[] {
  const versions = versionsInImage(image);
  const found = [
    ...versions.flatMap((version) => judged(version) ?? []),
    ...judgedDigest(/@(sha256:[0-9a-f]+)$/.exec(image)?.[1]),
  ];
  const refused = found.find(({ kind }) => kind === 'stolen' || (kind === 'vulnerable' && installed));
  if (refused) throw versionRefused(image, refused);
  return found.map(({ why }) => `${why}. Use ${recommendedImage(image)}`);
}

interface Judged extends Advisory {
  /** `LiteLLM 1.107.0 was published by thieves …` */
  readonly why: string;
}

export function judged(version: Version): Judged | undefined {
  const advisory = advisoryOf(version);
  return advisory && { ...advisory, why: `LiteLLM ${formatVersion(version)} ${advisory.what}` };
}

export function judgedDigest(digest: string | undefined): readonly Judged[] {
  const advisory = advisoryOfDigest(digest);
  return advisory ? [{ ...advisory, why: `The image ${digest} ${advisory.what}` }] : [];
}

/** The error if the gateway reports the version of a stolen release; otherwise undefined. */
export function reportedTheft(image: string, version: string | null): CliError | undefined {
  const [found] = stolen(version ?? undefined);
  return found && versionRefused(image, found);
}

export function stolen(text: string | undefined): readonly Judged[] {
  const version = text === undefined ? undefined : parseVersion(text);
  const found = version && judged(version);
  return found?.kind === 'stolen' ? [found] : [];
}

export function versionRefused(image: string, { kind, why, id, source }: Judged): CliError {
  const replace =
    kind === 'stolen' ? 'Replace every key that it could read wherever it has run, provider keys first\n' : '';
  return new CliError('version_refused', why, {
    hint: `${replace}Use ${recommendedImage(image)}`,
    details: { image, advisory: id, source },
  });
}

const recommendedImage = (image: string) => (image.includes('==') ? NATIVE_DEFAULTS.image : DEFAULT_IMAGE);

/** Warns about a rolling tag and tells what it means today. */
export function rollingWarnings(image: string, version: string | null, digest: string | undefined): string[] {
  if (!isRolling(image)) return [];
  const known = version === null ? undefined : parseVersion(version);
  const meaning = `${known ? `LiteLLM ${formatVersion(known)}` : 'an unknown LiteLLM'}${digest ? ` (${digest})` : ''}`;
  const pinned = known ? withVersion(image, known) : DEFAULT_IMAGE;
  return [`${image} is a rolling tag, which is ${meaning} today but may be another release tomorrow. Use ${pinned}`];
}

/** Refuses an image that is older than the previous one, if both names have a version, because migrations cannot be undone. */
export function requireForward(before: string, image: string): void {
  const [from, to] = [versionOfImage(before), versionOfImage(image)];
  if (!from || !to || compareVersions(to, from) >= 0) return;
  throw new CliError(
    'confirmation_needed',
    `${image} is older than ${before}, but database migrations cannot be undone`,
    {
      hint: 'Restore a backup of that version: agents-llm restore FILE --with-image\nOr try it anyway with --force',
      details: { from: before, to: image },
    },
  );
}
