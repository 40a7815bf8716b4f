import { randomBytes } from 'node:crypto';
import { chmod, lstat, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { systemCode } from '../errors.ts';

export type FileKind = 'none' | 'file' | 'folder' | 'link' | 'other';

export interface FileFacts {
  readonly kind: FileKind;
  /** Its permissions, or undefined when there is none. */
  readonly mode: number | undefined;
}

/** What lies at a path; a link is not followed. */
export async function fileFacts(path: string): Promise<FileFacts> {
  const found = await lstat(path).catch((error) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!found) return { kind: 'none', mode: undefined };
  const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : found.isSymbolicLink() ? 'link' : 'other';
  return { kind, mode: found.mode & 0o777 };
}

/** Where a link leads; the path itself when it is none, or nothing is there. */
export async function followLink(path: string): Promise<string> {
  return realpath(path).catch((error) => {
    if (systemCode(error) === 'ENOENT') return path;
    throw error;
  });
}

/** Every byte as one character, so that what is no UTF-8 survives being read and written. */
export async function readBytes(path: string): Promise<string> {
  return (await readFile(path)).toString('latin1');
}

/** Written beside it, synced, renamed: a reader sees the old bytes or the new ones. */
export async function writeBytes(path: string, bytes: string, mode: number): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(Buffer.from(bytes, 'latin1'));
      await file.sync();
    } finally {
      await file.close();
    }
    // The mode given to open is narrowed by the umask.
    await chmod(temporary, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
