import { dirname, join, relative, resolve } from 'node:path';
import type { Context } from '../../context/context.ts';
import { CliError } from '../../model/errors.ts';
import { CONFIG_FILE } from './config.ts';

export interface ConfigPlace {
  readonly path: string;
  /** The path for messages, relative to the working folder. */
  readonly shown: string;
  readonly folder: string;
}

type Place = Pick<Context, 'cwd' | 'files'>;

/** `file` if it is given; otherwise the nearest file between the working folder and the root of its git repository. */
export async function findConfig(context: Place, file?: string): Promise<ConfigPlace | undefined> {
  if (file !== undefined) return placeOf(context, file);
  const { files, cwd } = context;
  const exists = async (path: string) => (await files.owner(path)) !== undefined;
  const passed: string[] = [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    passed.push(folder);
    if (await exists(join(folder, '.git'))) break;
    // Outside of a repository, only the working folder counts.
    if (dirname(folder) === folder) {
      passed.splice(1);
      break;
    }
  }
  for (const folder of passed) {
    if (await exists(join(folder, CONFIG_FILE))) return placeOf(context, join(folder, CONFIG_FILE));
  }
  return undefined;
}

export function placeOf({ cwd }: Pick<Place, 'cwd'>, file: string): ConfigPlace {
  const path = resolve(cwd, file);
  return { path, shown: relative(cwd, path) || path, folder: dirname(path) };
}

export async function requireConfig(context: Place, file?: string): Promise<ConfigPlace> {
  const found = await findConfig(context, file);
  if (found) return found;
  throw new CliError('usage', `${CONFIG_FILE} not found between ${context.cwd} and the root of its git repository`, {
    hint: 'Name the file with --file PATH\nOr start with an example: agents-llm init',
  });
}
