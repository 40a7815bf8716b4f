import { dirname } from 'node:path';
import type { Files } from '../../io/files.ts';
import { SYSTEM } from './native-paths.ts';

/** Makes one of root's folders, and those above it, with at least that mode, whatever the umask is, or was when they were made. */
export async function makeSharedFolder(
  path: string,
  mode: number,
  files: Pick<Files, 'makeFolder' | 'mode' | 'chmod'>,
): Promise<void> {
  if (path.startsWith(`${SYSTEM}/`)) await makeSharedFolder(dirname(path), mode, files);
  await files.makeFolder(path, mode);
  const found = (await files.mode(path)) ?? 0;
  if ((found & mode) !== mode) await files.chmod(path, found | mode);
}
