import { type KeptKeyFiles, keptKeys } from '../admin/kept-keys.ts';
import type { Invocation } from './invocation.ts';

/** The virtual keys of the project's own stack that are kept on this machine. `url` is that of its plain port. */
export function ownKeptKeys(
  { context, settings }: Pick<Invocation, 'context' | 'settings'>,
  url: string,
): KeptKeyFiles {
  return keptKeys(context.files, settings.paths.keys, { url, own: true });
}
