import { constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, readdir, rm, stat, statfs, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../../model/errors.ts';
import { copyFolder } from './copy-folder.ts';
import { syncFolder } from './open-folder.ts';
import { folderDanger, folderUnsafe, type Self } from './own-folder.ts';
import { openRegular, readRegular } from './regular-file.ts';
import { renameOver } from './rename-over.ts';
import { replaceFile, writeBeside } from './replace-file.ts';

export interface Files {
  /** The text of a file, or undefined when there is none. Never waits: fails with `ENOTREG` or `EFBIG` where it is no file, or one of more than `most` bytes. */
  read(path: string, most?: number): Promise<string | undefined>;
  /** Written beside it, synced, renamed: a reader sees the old text or the new one, also after a power cut. */
  write(path: string, text: string, mode: number): Promise<void>;
  /** As `write`, but only when there is no such file; false when there is one. */
  create(path: string, text: string, mode: number): Promise<boolean>;
  /** Makes a folder and its parents, with that mode less the umask, 0700 when left out; one that is there keeps its own. */
  makeFolder(path: string, mode?: number): Promise<void>;
  /** As `makeFolder`, for what only we and the user `also` may change: throws what `requireOwnFolder` does. */
  makeOwnFolder(path: string, options?: { readonly mode?: number; readonly also?: number | undefined }): Promise<void>;
  /** Throws a `CliError` when others can change what is in a folder, which need not be there; `also` is a user who may. */
  requireOwnFolder(path: string, also?: number): Promise<void>;
  /** Gives a file or folder, without what is in it, to a user. Only root can. A link in its place is an error. */
  chown(path: string, owner: { readonly uid: number; readonly gid: number }): Promise<void>;
  /** The permissions (`0o600`), or undefined when there is no such file. */
  mode(path: string): Promise<number | undefined>;
  /** A link in its place is an error. */
  chmod(path: string, mode: number): Promise<void>;
  /** What is left for ordinary users on the disk of a file or folder that exists. */
  freeBytes(path: string): Promise<number>;
  /** Copies a folder with all in it, writable by us alone, whatever its modes and the umask are. Links are left out. */
  copy(from: string, to: string): Promise<void>;
  /** The owner's user id, or undefined when there is no such file. */
  owner(path: string): Promise<number | undefined>;
  /** The names in a folder, in order; none when there is no such folder. */
  list(path: string): Promise<string[]>;
  /** Bytes, or undefined when there is no such file. */
  size(path: string): Promise<number | undefined>;
  /** The text from a byte on and the size in bytes; undefined when there is no such file. */
  readFrom(path: string, offset: number): Promise<{ readonly text: string; readonly size: number } | undefined>;
  /** The first bytes of a file, as Latin-1 text. */
  head(path: string, bytes: number): Promise<string>;
  /** Of a file of any size, in hexadecimal. */
  sha256(path: string): Promise<string>;
  /** As `rename`, after what was written has reached the disk. */
  commit(temporary: string, path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Whether a symbolic link lies at a path; false when nothing does. */
  isLink(path: string): Promise<boolean>;
  /** Makes a symbolic link at `path`; whatever is there already stays. */
  linkTo(target: string, path: string): Promise<void>;
  /** Removes a file or a folder with all in it; it may be gone already. */
  remove(path: string): Promise<void>;
}

/** More than any file of ours has. */
const MOST = 64 * 1024 * 1024;

const absent = (error: unknown): undefined => {
  if (systemCode(error) === 'ENOENT') return undefined;
  throw error;
};

/** A link in its place is not followed, and nothing is waited for. */
async function withOpen<Result>(path: string, action: (file: FileHandle) => Promise<Result>): Promise<Result> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  return action(file).finally(() => file.close());
}

/** By the system, where nobody is asked for: every folder counts as our own. */
export const systemFiles: Files = {
  read: (path, most = MOST) => readRegular(path, { most }).then((bytes) => bytes.toString(), absent),
  async write(path, text, mode) {
    await replaceFile(path, text, mode);
    await syncFolder(dirname(path));
  },
  async create(path, text, mode) {
    const temporary = await writeBeside(path, text, mode);
    try {
      // A hard link appears whole or not at all, and never replaces: what `open(…, 'wx')` cannot promise to readers.
      await link(temporary, path);
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
    await syncFolder(dirname(path));
    return true;
  },
  async makeFolder(path, mode = 0o700) {
    await mkdir(path, { recursive: true, mode });
  },
  makeOwnFolder: (path, { mode } = {}) => systemFiles.makeFolder(path, mode),
  requireOwnFolder: async () => undefined,
  chown: (path, { uid, gid }) => withOpen(path, (file) => file.chown(uid, gid)),
  mode: (path) => stat(path).then((found) => found.mode & 0o777, absent),
  chmod: (path, mode) => withOpen(path, (file) => file.chmod(mode)),
  freeBytes: (path) => statfs(path).then(({ bavail, bsize }) => bavail * bsize),
  copy: copyFolder,
  async readFrom(path, offset) {
    const file = await open(path, 'r').catch(absent);
    if (!file) return undefined;
    try {
      const { size } = await file.stat();
      const wanted = Math.max(0, size - offset);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, offset);
      return { text: buffer.toString('utf8', 0, bytesRead), size: offset > size ? size : offset + bytesRead };
    } finally {
      await file.close();
    }
  },
  owner: (path) => stat(path).then((found) => found.uid, absent),
  size: (path) => stat(path).then((found) => found.size, absent),
  async head(path, bytes) {
    const file = await openRegular(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0).finally(() => file.close());
    return buffer.toString('latin1', 0, bytesRead);
  },
  async sha256(path) {
    const { createHash } = await import('node:crypto');
    const hash = createHash('sha256');
    const file = await openRegular(path);
    for await (const chunk of file.createReadStream()) hash.update(chunk);
    return hash.digest('hex');
  },
  async commit(temporary, path) {
    const file = await open(temporary, 'r+');
    await file.sync().finally(() => file.close());
    await renameOver(temporary, path);
    await syncFolder(dirname(path));
  },
  list: async (path) => ((await readdir(path).catch(absent)) ?? []).sort(),
  rename: renameOver,
  isLink: (path) =>
    lstat(path)
      .then((found) => found.isSymbolicLink(), absent)
      .then(Boolean),
  linkTo: (target, path) =>
    symlink(target, path).catch((error) => {
      if (systemCode(error) !== 'EEXIST') throw error;
    }),
  remove: (path) => rm(path, { force: true, recursive: true }),
};

/** By the system, for the user that we are. */
export function filesAs(self: Self): Files {
  const requireOwnFolder: Files['requireOwnFolder'] = async (path, also) => {
    const danger = await folderDanger(path, self, also);
    if (danger) throw folderUnsafe(path, danger, self.uid);
  };
  return {
    ...systemFiles,
    requireOwnFolder,
    async makeOwnFolder(path, { mode, also } = {}) {
      await requireOwnFolder(path, also);
      await systemFiles.makeFolder(path, mode);
      // Someone may have been quicker than we, where others can make entries.
      await requireOwnFolder(path, also);
    },
  };
}
