import { CliError } from '../errors.ts';
import { NATIVE_DEFAULTS } from '../runtime/native/locked-release.ts';
import { DEFAULT_IMAGE } from '../service.ts';
import { compareVersions, judgeVersion, versionOfImage } from '../stack/litellm-version.ts';

/** Refuses images that are known to be bad, and unsafe ones when they are `installed` anew; gives warnings for others. */
export function requireTrustedImage(image: string, { installed }: { readonly installed: boolean }): string[] {
  const version = versionOfImage(image);
  const verdict = version && judgeVersion(version);
  if (!verdict) return [];
  const good = image.includes('==') ? NATIVE_DEFAULTS.image : DEFAULT_IMAGE;
  const isRefused = verdict.kind === 'refused' || (verdict.kind === 'unsafe' && installed);
  if (!isRefused) return [`${verdict.why}; take ${good}`];
  throw new CliError('version_refused', verdict.why, { hint: `take ${good}`, details: { image } });
}

/** Migrations do not go back: refuses an image that is older than the one before, as far as the names of both tell. */
export function requireForward(before: string, image: string): void {
  const [from, to] = [versionOfImage(before), versionOfImage(image)];
  if (!from || !to || compareVersions(to, from) >= 0) return;
  throw new CliError('confirmation_needed', `${image} is older than ${before}, and migrations do not go back`, {
    hint: 'to an archive of that version: restore FILE --with-image\nor try it all the same: --force',
    details: { from: before, to: image },
  });
}
