import { followLink } from '../io/byte-file.ts';
import { forgetFile } from '../stack/allowed-files.ts';
import type { ConfigPlace } from './find-config.ts';
import type { Invocation } from './invocation.ts';

/** Takes back that a file is allowed; it need not be there any more. False when it was not allowed. */
export async function untrust({ path }: ConfigPlace, { context, settings }: Invocation): Promise<boolean> {
  return forgetFile(context.files, settings.paths, await followLink(path));
}
