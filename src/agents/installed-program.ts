import { delimiter, join } from 'node:path';
import type { Context } from '../context/context.ts';
import { CliError } from '../model/errors.ts';
import type { Agent } from './agent.ts';

/** The path of a program on PATH, or undefined if there is no executable one. */
export async function installedProgram(
  program: string,
  { env, files, platform }: Pick<Context, 'env' | 'files' | 'platform'>,
): Promise<string | undefined> {
  const endings = platform === 'win32' ? (env.PATHEXT ?? '.EXE;.CMD').toLowerCase().split(';') : [''];
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = folders.flatMap((folder) => endings.map((ending) => join(folder, program + ending)));
  for (const path of candidates) {
    const mode = await files.mode(path).catch(() => undefined);
    if (mode !== undefined && (platform === 'win32' || (mode & 0o111) !== 0)) return path;
  }
  return undefined;
}

export function notInstalled({ name, title, program, install }: Agent): CliError {
  return new CliError('agent_missing', `${title} is not installed: ${program} not found on PATH`, {
    hint: `Install it: ${install}`,
    details: { agent: name, program, install },
  });
}
