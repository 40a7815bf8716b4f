import { join } from 'node:path';
import type { Files } from '../../../io/files/files.ts';

type ProgramFiles = Pick<Files, 'read' | 'list' | 'mode' | 'copy' | 'rename' | 'remove' | 'makeOwnFolder'>;

/**
 * Copies our own programs beside the installation: what runs must outlive the folder that npx has put this package into.
 * `source` is `dist/native`, whose file `hash` names its content.
 */
export async function settlePrograms(source: string, installs: string, files: ProgramFiles): Promise<string> {
  const hash = (await files.read(join(source, 'hash')))?.trim() ?? '';
  const target = join(installs, `programs-${hash}`);
  if (await isSettled(target, files)) return target;
  await files.makeOwnFolder(installs);
  const temporary = `${target}.${crypto.randomUUID()}.tmp`;
  try {
    await files.copy(source, temporary);
    await replace(target, temporary, files);
  } catch (error) {
    await files.remove(temporary);
    // Another process was quicker, and has copied the same.
    if (!(await isSettled(target, files))) throw error;
  }
  return target;
}

/** One that others could write to, made under another umask, may hold anything. */
async function isSettled(target: string, files: ProgramFiles): Promise<boolean> {
  if ((await files.read(join(target, 'hash'))) === undefined) return false;
  const inside = async (folder: string) => (await files.list(folder)).map((name) => join(folder, name));
  const all = [target, ...(await inside(target)), ...(await inside(join(target, 'bin')))];
  const modes = await Promise.all(all.map((path) => files.mode(path)));
  return modes.every((mode) => mode === undefined || (mode & 0o022) === 0);
}

/** What runs on the old one has it open, or finds the same at its place. */
async function replace(target: string, fresh: string, files: ProgramFiles): Promise<void> {
  const old = `${fresh}.old`;
  const isThere = (await files.mode(target)) !== undefined;
  if (isThere && !(await isSettled(target, files))) await files.rename(target, old);
  await files.rename(fresh, target);
  await files.remove(old);
}
