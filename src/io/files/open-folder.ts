import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Undefined on Windows, which opens no folder as a file. */
export async function openFolder(path: string): Promise<FileHandle | undefined> {
  if (constants.O_DIRECTORY === undefined) return undefined;
  return open(path, constants.O_RDONLY | constants.O_DIRECTORY);
}

/** So that a new name outlives a power cut. Windows writes its folders by itself. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await openFolder(path);
  await folder?.sync().finally(() => folder.close());
}
