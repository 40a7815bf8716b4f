import { dirname } from 'node:path';
import type { Files } from '../../../io/files/files.ts';
import { SYSTEM } from './native-paths.ts';

/**
 * Makes one of root's folders, and those above it: others get at least what that mode gives them, and can write to none,
 * whatever the umask is, or was when they were made.
 */
export async function makeSharedFolder(
  path: string,
  mode: number,
  files: Pick<Files, 'makeFolder' | 'mode' | 'chmod' | 'requireOwnFolder'>,
): Promise<void> {
  if (path.startsWith(`${SYSTEM}/`)) await makeSharedFolder(dirname(path), mode, files);
  await files.makeFolder(path, mode);
  const found = (await files.mode(path)) ?? 0;
  const wanted = (found | mode) & ~0o022;
  if (found !== wanted) await files.chmod(path, wanted);
  await files.requireOwnFolder(path);
}
