import { dirname } from 'node:path';
import type { Files } from '../../io/files/files.ts';
import type { NativePaths } from './folders/native-paths.ts';

/** Records, logs and the proxy's home; with `volumes` the data too. Nothing of it may run. */
export async function removeNativeStack(
  { folder, home, data, dataParent, sockets }: NativePaths,
  volumes: boolean,
  files: Pick<Files, 'remove'>,
): Promise<void> {
  await files.remove(folder);
  await files.remove(home);
  await files.remove(sockets);
  if (!volumes) return;
  await files.remove(data);
  await files.remove(`${data}.new`);
  // Root's data has a folder of its own, which holds nothing else.
  if (dataParent !== dirname(folder)) await files.remove(dataParent);
}
