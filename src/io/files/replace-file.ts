import { open, rm } from 'node:fs/promises';
import { renameOver } from './rename-over.ts';

/** Writes and syncs a temporary file beside `path` and returns its path. Leaves nothing behind if it fails. */
export async function writeBeside(path: string, content: string | Buffer, mode: number): Promise<string> {
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  const file = await open(temporary, 'wx', mode & 0o600);
  try {
    await file.writeFile(content);
    // Through the open file, because its path may have been replaced by a link.
    await file.chmod(mode);
    await file.sync();
    await file.close();
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
  return temporary;
}

/** Writes a temporary file, syncs it and renames it: a reader sees the old content or the new one. Does not sync the folder. */
export async function replaceFile(path: string, content: string | Buffer, mode: number): Promise<void> {
  const temporary = await writeBeside(path, content, mode);
  try {
    await renameOver(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
