import { open, rm } from 'node:fs/promises';
import { renameOver } from './rename-over.ts';

/** Written beside `path` and synced; gives the temporary file's path. Nothing is left when it fails. */
export async function writeBeside(path: string, content: string | Buffer, mode: number): Promise<string> {
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  const file = await open(temporary, 'wx', mode & 0o600);
  try {
    await file.writeFile(content);
    // By the open file, because someone may have put a link in place of its path by now.
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

/** Written beside it, synced, renamed: a reader sees the old content or the new one. The folder is not synced. */
export async function replaceFile(path: string, content: string | Buffer, mode: number): Promise<void> {
  const temporary = await writeBeside(path, content, mode);
  try {
    await renameOver(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
