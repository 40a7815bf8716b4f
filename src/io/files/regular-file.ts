import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { systemCode } from '../../model/errors.ts';

/** Both flags are undefined on Windows. */
const CAREFULLY = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const NO_LINK = constants.O_NOFOLLOW ?? 0;

/** Enough for every text that people write; a larger file is probably the wrong one. */
export const MOST_TEXT = 1024 * 1024;

export interface ReadOptions {
  /** How many bytes it may have; more is an error. */
  readonly most?: number;
  /** Refuses a symbolic link in its place. */
  readonly noLink?: boolean;
}

function unreadable(code: 'ENOTREG' | 'EFBIG', path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

/**
 * Opens a file without blocking: a named pipe would block, and opening a device may have effects. Throws the system's errors, and
 * `ENOTREG` for anything that is neither a file nor a folder.
 */
export async function openRegular(path: string, { noLink = false }: ReadOptions = {}): Promise<FileHandle> {
  const before = await stat(path);
  if (!before.isFile() && !before.isDirectory()) throw unreadable('ENOTREG', path);
  const file = await open(path, CAREFULLY | (noLink ? NO_LINK : 0));
  try {
    // Checked again, because it may have been replaced since.
    const found = await file.stat();
    if (found.isDirectory()) throw Object.assign(new Error(`EISDIR: ${path}`), { code: 'EISDIR' });
    if (!found.isFile()) throw unreadable('ENOTREG', path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The bytes of a file that is already open, from its beginning; `EFBIG` when there are more than `most`. */
export async function readOpen(file: FileHandle, path: string, most: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  // Does not use the file size, which is 0 for files in /proc.
  for (;;) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(64 * 1024), 0, 64 * 1024, length);
    if (bytesRead === 0) return Buffer.concat(parts);
    length += bytesRead;
    if (length > most) throw unreadable('EFBIG', path);
    parts.push(buffer.subarray(0, bytesRead));
  }
}

export async function readRegular(path: string, options: ReadOptions & { readonly most: number }): Promise<Buffer> {
  const file = await openRegular(path, options);
  return readOpen(file, path, options.most).finally(() => file.close());
}

const WORDS: Readonly<Record<string, string>> = {
  ENOTREG: 'it is not a regular file',
  EFBIG: 'it is too large',
};

/** Why a file could not be read, as part of a sentence. */
export function readProblem(error: unknown): string {
  const code = systemCode(error) ?? 'unreadable';
  return WORDS[code] ?? code;
}
