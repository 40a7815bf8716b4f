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
  /** The text of a file, or undefined if there is none. Never blocks: fails with `ENOTREG` if it is not a regular file and with `EFBIG` above `most` bytes. */
  read(path: string, most?: number): Promise<string | undefined>;
  /** Writes a temporary file, syncs it and renames it: a reader sees the old text or the new one, even after a power cut. */
  write(path: string, text: string, mode: number): Promise<void>;
  /** Like `write`, but only if the file does not exist; false if it does. */
  create(path: string, text: string, mode: number): Promise<boolean>;
  /** Creates a folder and its parents with this mode (default 0700) minus the umask. An existing folder keeps its mode. */
  makeFolder(path: string, mode?: number): Promise<void>;
  /** Like `makeFolder`, but throws as `requireOwnFolder` does if anyone except us and the user `also` can change it. */
  makeOwnFolder(path: string, options?: { readonly mode?: number; readonly also?: number | undefined }): Promise<void>;
  /** Throws a `CliError` if anyone except us and the user `also` can change a folder, which need not exist. */
  requireOwnFolder(path: string, also?: number): Promise<void>;
  /** Changes the owner of a file or folder, not of its contents. Only root can. A link is an error. */
  chown(path: string, owner: { readonly uid: number; readonly gid: number }): Promise<void>;
  /** The permissions (`0o600`), or undefined if there is no such file. */
  mode(path: string): Promise<number | undefined>;
  /** A link is an error. */
  chmod(path: string, mode: number): Promise<void>;
  /** The free space for ordinary users on the disk of an existing file or folder; undefined if the file system has no size. */
  freeBytes(path: string): Promise<number | undefined>;
  /** Copies a folder with its contents, writable only by us whatever the modes and the umask are. Omits links. */
  copy(from: string, to: string): Promise<void>;
  /** The owner's user id, or undefined when there is no such file. */
  owner(path: string): Promise<number | undefined>;
  /** The sorted names in a folder; none if there is no such folder. */
  list(path: string): Promise<string[]>;
  /** Bytes, or undefined when there is no such file. */
  size(path: string): Promise<number | undefined>;
  /** The text from a byte on and the size in bytes; undefined when there is no such file. */
  readFrom(path: string, offset: number): Promise<{ readonly text: string; readonly size: number } | undefined>;
  /** The first bytes of a file, as Latin-1 text. */
  head(path: string, bytes: number): Promise<string>;
  /** The checksum of a file of any size, in hexadecimal. */
  sha256(path: string): Promise<string>;
  /** Like `rename`, after syncing the file to the disk. */
  commit(temporary: string, path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Whether a path is a symbolic link; false if nothing is there. */
  isLink(path: string): Promise<boolean>;
  /** Creates a symbolic link at `path`, unless something is there already. */
  linkTo(target: string, path: string): Promise<void>;
  /** Removes a file or a folder with its contents, if it exists. */
  remove(path: string): Promise<void>;
}

/** More than any of our files needs. */
const MOST = 64 * 1024 * 1024;

const absent = (error: unknown): undefined => {
  if (systemCode(error) === 'ENOENT') return undefined;
  throw error;
};

/** For Windows alone, where an antivirus may hold a file open; elsewhere a refusal is final. */
const REMOVAL = constants.O_DIRECTORY === undefined ? { maxRetries: 5, retryDelay: 100 } : {};

/** Neither follows a link nor blocks on a pipe. */
async function withOpen<Result>(path: string, action: (file: FileHandle) => Promise<Result>): Promise<Result> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  return action(file).finally(() => file.close());
}

/** The file system without checks of ownership: every folder counts as our own. */
export const systemFiles: Files = {
  read: (path, most = MOST) => readRegular(path, { most }).then((bytes) => bytes.toString(), absent),
  async write(path, text, mode) {
    await replaceFile(path, text, mode);
    await syncFolder(dirname(path));
  },
  async create(path, text, mode) {
    const temporary = await writeBeside(path, text, mode);
    try {
      // A hard link appears whole and never replaces a file; with `open(…, 'wx')` a reader could see half of it.
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
  // Network and synchronised file systems may have no size.
  freeBytes: (path) => statfs(path).then(({ blocks, bavail, bsize }) => (blocks > 0 ? bavail * bsize : undefined)),
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
  remove: (path) => rm(path, { force: true, recursive: true, ...REMOVAL }),
};

/** The file system as the current user, with checks of ownership. */
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
      // Checked again, because in a shared folder someone else may have created it first.
      await requireOwnFolder(path, also);
    },
  };
}
