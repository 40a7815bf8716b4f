import { statSync } from 'node:fs';
import { win32 } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

const ENDINGS = '.COM;.EXE;.BAT;.CMD';

/**
 * The path of a program on PATH, found by PATHEXT; undefined when there is none. Never in the current folder, where
 * Windows itself looks first, because that may be somebody else's repository. What names a folder is left as it is.
 */
export function programOnWindows(file: string, env: Environment, isFile = isSystemFile): string | undefined {
  if (/[\\/]/.test(file)) return file;
  const own = win32.extname(file) === '' ? [] : [''];
  const endings = [...own, ...variable(env, 'PATHEXT', ENDINGS).toLowerCase().split(';').filter(Boolean)];
  const folders = variable(env, 'PATH', '')
    .split(';')
    .map((folder) => folder.replace(/^"(.*)"$/, '$1'))
    .filter((folder) => win32.isAbsolute(folder));
  const candidates = folders.flatMap((folder) => endings.map((ending) => win32.join(folder, file + ending)));
  return candidates.find(isFile);
}

/** Programs of Windows itself, by their folder in that of Windows. */
const SYSTEM_PROGRAMS = {
  'icacls.exe': 'System32',
  'powershell.exe': 'System32\\WindowsPowerShell\\v1.0',
  'taskkill.exe': 'System32',
  'whoami.exe': 'System32',
} as const;
export type SystemProgram = keyof typeof SYSTEM_PROGRAMS;

/** The path of a program of Windows itself. By its name alone, one in the current folder would be started instead. */
export function systemProgram(name: SystemProgram, env: Environment): string {
  return win32.join(variable(env, 'SYSTEMROOT', 'C:\\Windows'), SYSTEM_PROGRAMS[name], name);
}

/** A copy of the environment has lost that its names have no case. */
function variable(env: Environment, wanted: string, otherwise: string): string {
  return Object.entries(env).find(([name]) => name.toUpperCase() === wanted)?.[1] || otherwise;
}

const isSystemFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
