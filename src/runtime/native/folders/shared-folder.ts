import { dirname } from 'node:path';
import type { Files } from '../../../io/files/files.ts';
import { SYSTEM } from './native-paths.ts';

/**
 * Creates one of root's folders and those above it. Others get at least the access in `mode` but cannot write, whatever the
 * umask is now or was when the folders were created.
 */
export async function makeSharedFolder(
  path: string,
  mode: number,
  files: Pick<Files, 'makeFolder' | 'mode' | 'chmod' | 'requireOwnFolder'>,
): Promise<void> {
  if (path.startsWith(`${SYSTEM}/`)) await makeSharedFolder(dirname(path), mode, files);
  await files.makeFolder(path, mode);
  const current = (await files.mode(path)) ?? 0;
  const required = (current | mode) & ~0o022;
  if (current !== required) await files.chmod(path, required);
  await files.requireOwnFolder(path);
}
