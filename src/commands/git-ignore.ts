import { join, posix } from 'node:path';
import { fileFacts, readBytes, writeBytes } from '../io/byte-file.ts';

/** Adds the files to the .gitignore of their folder, unless a line there names them; gives the lines that it added. */
export async function ignoreInGit(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const path = join(folder, '.gitignore');
  const { kind, mode } = await fileFacts(path);
  const before = kind === 'none' ? '' : await readBytes(path);
  const lines = before.split(/\r?\n/).map((line) => line.trim());
  const wanted = [...new Set(names.map((name) => posix.normalize(name)))];
  const added = wanted.filter((name) => !lines.some((line) => isNamedBy(line, name))).map((name) => `/${name}`);
  if (added.length === 0) return [];
  const newline = before.includes('\r\n') ? '\r\n' : '\n';
  const gap = before === '' || before.endsWith('\n') ? '' : newline;
  const bytes = Buffer.from(added.map((line) => `${line}${newline}`).join('')).toString('latin1');
  await writeBytes(path, `${before}${gap}${bytes}`, mode ?? 0o644);
  return added;
}

/** By itself, or as one of all the files of its name. */
function isNamedBy(line: string, name: string): boolean {
  const own = posix.basename(name);
  return [name, `/${name}`, own, `${own}*`, `**/${own}`].includes(line);
}
