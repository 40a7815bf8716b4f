import { dirname } from 'node:path';
import type { Files } from '../../io/files/files.ts';
import type { NativePaths } from './folders/native-paths.ts';

/** Removes records, logs and the gateway's home, and with `volumes` also the data. No service may be running. */
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
  // For root, the data is in a folder that contains nothing else.
  if (dataParent !== dirname(folder)) await files.remove(dataParent);
}
