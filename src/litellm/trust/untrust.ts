import type { Workplace } from '../../context/invocation.ts';
import { followLink } from '../../io/files/byte-file.ts';
import { forgetFile } from '../../project/allowed-files.ts';
import type { ConfigPlace } from '../config/find-config.ts';

/** Revokes the permission for a file, which need not exist any more. False if it was not allowed. */
export async function untrust({ path }: ConfigPlace, { context, settings }: Workplace): Promise<boolean> {
  return forgetFile(context.files, settings.paths, await followLink(path));
}
