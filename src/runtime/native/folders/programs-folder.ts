import { join } from 'node:path';
import type { Files } from '../../../io/files/files.ts';

type ProgramFiles = Pick<Files, 'read' | 'list' | 'mode' | 'size' | 'copy' | 'rename' | 'remove' | 'makeOwnFolder'>;

/** The one folder in it. */
const BIN = 'bin';

/**
 * Copies our own programs beside the installation, because they must outlive the folder that npx put this package into.
 * `source` is `dist/native`, whose file `hash` identifies its content.
 */
export async function settlePrograms(source: string, installs: string, files: ProgramFiles): Promise<string> {
  const hash = (await files.read(join(source, 'hash')))?.trim() ?? '';
  const target = join(installs, `programs-${hash}`);
  const isSettled = () => isSafeCopy(target, source, files);
  if (await isSettled()) return target;
  await files.makeOwnFolder(installs);
  const temporary = `${target}.${crypto.randomUUID()}.tmp`;
  try {
    await files.copy(source, temporary);
    await replace(target, temporary, isSettled, files);
  } catch (error) {
    await files.remove(temporary);
    // Another process may have been quicker and copied the same.
    if (!(await isSettled())) throw error;
  }
  return target;
}

/** Whether the copy is complete, and no other user could write to it: with another umask, it may contain anything. */
async function isSafeCopy(target: string, source: string, files: ProgramFiles): Promise<boolean> {
  if ((await files.read(join(target, 'hash'))) === undefined) return false;
  const paths = ['', BIN, ...(await programFiles(target, files))];
  const modes = await Promise.all(paths.map((path) => files.mode(join(target, path))));
  if (modes.some((mode) => mode !== undefined && (mode & 0o022) !== 0)) return false;
  const isWhole = async (path: string) =>
    (await files.size(join(target, path))) === (await files.size(join(source, path)));
  return (await Promise.all((await programFiles(source, files)).map(isWhole))).every(Boolean);
}

async function programFiles(folder: string, files: ProgramFiles): Promise<string[]> {
  const [names, executables] = await Promise.all([files.list(folder), files.list(join(folder, BIN))]);
  return [...names.filter((name) => name !== BIN), ...executables.map((name) => join(BIN, name))];
}

/** Running programs of the old folder have their files open, or find the same files in the new one. */
async function replace(
  target: string,
  fresh: string,
  isSettled: () => Promise<boolean>,
  files: ProgramFiles,
): Promise<void> {
  const old = `${fresh}.old`;
  const isThere = (await files.mode(target)) !== undefined;
  if (isThere && !(await isSettled())) await files.rename(target, old);
  await files.rename(fresh, target);
  await files.remove(old);
}
