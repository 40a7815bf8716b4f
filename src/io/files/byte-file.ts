import { existsSync } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../../model/errors.ts';
import { openFolder } from './open-folder.ts';
import { openRegular, readOpen } from './regular-file.ts';
import { replaceFile } from './replace-file.ts';

export type FileKind = 'none' | 'file' | 'folder' | 'link' | 'other';

/** Each byte is one character, so that text that is not UTF-8 survives reading and writing. */
export interface ByteFile {
  readonly bytes: string;
  /** Its permissions. */
  readonly mode: number;
}

/** Of files that people edit. */
const MOST = 16 * 1024 * 1024;

const absent = (error: unknown): undefined => {
  if (systemCode(error) === 'ENOENT') return undefined;
  throw error;
};

/** What is at a path, without following a link. It may change at any time. */
export async function fileKind(path: string): Promise<FileKind> {
  const found = await lstat(path).catch(absent);
  if (!found) return 'none';
  return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : found.isSymbolicLink() ? 'link' : 'other';
}

/** The target of a link; the path itself if it is not a link or does not exist. */
export async function followLink(path: string): Promise<string> {
  return realpath(path).catch((error) => absent(error) ?? path);
}

/** Undefined when there is none; a link in its place is an error (`ELOOP`). */
export async function readBytes(path: string): Promise<ByteFile | undefined> {
  const file = await openRegular(path, { noLink: true }).catch(absent);
  if (!file) return undefined;
  try {
    const { mode } = await file.stat();
    return { bytes: (await readOpen(file, path, MOST)).toString('latin1'), mode: mode & 0o777 };
  } finally {
    await file.close();
  }
}

/**
 * Changes a file in a folder that others may write to. Follows no link that they put in place of the file nor, on
 * Linux, in place of its folder between reading and writing. A reader sees the old bytes or the new ones. `change` returns
 * undefined to leave the file as it is; the result is then false.
 */
export async function editFile(
  path: string,
  modeIfNew: number,
  change: (before: ByteFile | undefined) => string | undefined,
): Promise<boolean> {
  const folder = await openFolder(dirname(path));
  try {
    const held = `/proc/self/fd/${folder?.fd}`;
    const inside = folder && existsSync(held) ? held : dirname(path);
    const target = join(inside, basename(path));
    const before = await readBytes(target);
    const after = change(before);
    if (after === undefined || after === before?.bytes) return false;
    await replaceFile(target, Buffer.from(after, 'latin1'), before?.mode ?? modeIfNew);
    await folder?.sync();
    return true;
  } finally {
    await folder?.close();
  }
}
