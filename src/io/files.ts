import { createReadStream } from 'node:fs';
import { chmod, chown, cp, link, mkdir, open, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../errors.ts';

export interface Files {
  /** The text of a file, or undefined when there is none. */
  read(path: string): Promise<string | undefined>;
  /** Written beside it, synced, renamed: a reader sees the old text or the new one, also after a power cut. */
  write(path: string, text: string, mode: number): Promise<void>;
  /** As `write`, but only when there is no such file; false when there is one. */
  create(path: string, text: string, mode: number): Promise<boolean>;
  /** Makes a folder and its parents, with that mode less the umask, 0700 when left out; one that is there keeps its own. */
  makeFolder(path: string, mode?: number): Promise<void>;
  /** Gives a file or folder, without what is in it, to a user. Only root can. */
  chown(path: string, owner: { readonly uid: number; readonly gid: number }): Promise<void>;
  /** The permissions (`0o600`), or undefined when there is no such file. */
  mode(path: string): Promise<number | undefined>;
  chmod(path: string, mode: number): Promise<void>;
  /** What is left for ordinary users on the disk of a file or folder that exists. */
  freeBytes(path: string): Promise<number>;
  /** Copies a folder with all in it. */
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
  /** Removes a file or a folder with all in it; it may be gone already. */
  remove(path: string): Promise<void>;
}

const absent = (error: unknown): undefined => {
  if (systemCode(error) === 'ENOENT') return undefined;
  throw error;
};

async function writeTemporary(path: string, text: string, mode: number): Promise<string> {
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  const file = await open(temporary, 'wx', mode);
  try {
    await file.writeFile(text);
    await file.sync();
    await file.close();
    // The mode given to open is narrowed by the umask.
    await chmod(temporary, mode);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
  return temporary;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

export const systemFiles: Files = {
  read: (path) => readFile(path, 'utf8').catch(absent),
  async write(path, text, mode) {
    const temporary = await writeTemporary(path, text, mode);
    try {
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncFolder(dirname(path));
  },
  async create(path, text, mode) {
    const temporary = await writeTemporary(path, text, mode);
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
  chown: (path, { uid, gid }) => chown(path, uid, gid),
  mode: (path) => stat(path).then((found) => found.mode & 0o777, absent),
  chmod,
  freeBytes: (path) => statfs(path).then(({ bavail, bsize }) => bavail * bsize),
  copy: (from, to) => cp(from, to, { recursive: true, errorOnExist: true, force: false }),
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
    const file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0).finally(() => file.close());
    return buffer.toString('latin1', 0, bytesRead);
  },
  async sha256(path) {
    const { createHash } = await import('node:crypto');
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk);
    return hash.digest('hex');
  },
  async commit(temporary, path) {
    const file = await open(temporary, 'r+');
    await file.sync().finally(() => file.close());
    await rename(temporary, path);
    await syncFolder(dirname(path));
  },
  list: async (path) => ((await readdir(path).catch(absent)) ?? []).sort(),
  rename,
  remove: (path) => rm(path, { force: true, recursive: true }),
};
