import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Undefined on Windows, where folders cannot be opened as files. */
export async function openFolder(path: string): Promise<FileHandle | undefined> {
  if (constants.O_DIRECTORY === undefined) return undefined;
  return open(path, constants.O_RDONLY | constants.O_DIRECTORY);
}

/** Makes a new name survive a power cut. Not needed on Windows. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await openFolder(path);
  await folder?.sync().finally(() => folder.close());
}
