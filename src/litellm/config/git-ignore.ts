import { join, posix } from 'node:path';
import { editFile } from '../../io/files/byte-file.ts';

/** Adds the files to the .gitignore of their folder, unless a line already covers them; returns the added lines. */
export async function ignoreInGit(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const path = join(folder, '.gitignore');
  const wanted = [...new Set(names.map((name) => posix.normalize(name)))];
  let added: readonly string[] = [];
  await editFile(path, 0o644, (found) => {
    const before = found?.bytes ?? '';
    const lines = before.split(/\r?\n/).map((line) => line.trim());
    added = wanted.filter((name) => !lines.some((line) => isNamedBy(line, name))).map((name) => `/${name}`);
    if (added.length === 0) return undefined;
    const newline = before.includes('\r\n') ? '\r\n' : '\n';
    const gap = before === '' || before.endsWith('\n') ? '' : newline;
    return `${before}${gap}${Buffer.from(added.map((line) => `${line}${newline}`).join('')).toString('latin1')}`;
  });
  return added;
}

/** By its path, or by its name in any folder. */
function isNamedBy(line: string, name: string): boolean {
  const own = posix.basename(name);
  return [name, `/${name}`, own, `${own}*`, `**/${own}`].includes(line);
}
