import type { Config } from '../admin/config.ts';
import { parseConfig } from '../admin/parse-config.ts';
import type { Context } from '../context.ts';
import { CliError, systemCode } from '../errors.ts';
import type { ConfigPlace } from './find-config.ts';

/** Reads and checks the file. Apart from finding it, since this loads what parses YAML. */
export async function loadConfig({ files }: Pick<Context, 'files'>, place: ConfigPlace): Promise<Config> {
  const text = await files.read(place.path).catch((error) => {
    throw unreadable(place, systemCode(error) ?? 'unreadable');
  });
  if (text === undefined) throw unreadable(place, 'ENOENT');
  return parseConfig(text, place);
}

function unreadable({ shown }: ConfigPlace, code: string): CliError {
  return new CliError('usage', `${shown} cannot be read (${code})`, {
    hint: 'name another file: --file PATH\nor begin with an example: agents-llm init',
  });
}
