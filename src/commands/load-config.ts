import type { Config } from '../admin/config.ts';
import { parseConfig } from '../admin/parse-config.ts';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { MOST_TEXT, readProblem } from '../io/regular-file.ts';
import type { ConfigPlace } from './find-config.ts';

/** Reads and checks the file. Apart from finding it, since this loads what parses YAML. */
export async function loadConfig({ files }: Pick<Context, 'files'>, place: ConfigPlace): Promise<Config> {
  const text = await files.read(place.path, MOST_TEXT).catch((error) => {
    throw unreadable(place, readProblem(error));
  });
  if (text === undefined) throw unreadable(place, 'ENOENT');
  return parseConfig(text, place);
}

function unreadable({ shown }: ConfigPlace, why: string): CliError {
  return new CliError('usage', `${shown} cannot be read (${why})`, {
    hint: 'name another file: --file PATH\nor begin with an example: agents-llm init',
  });
}
