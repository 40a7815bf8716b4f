import type { Context } from '../../context/context.ts';
import { readGiven } from '../../io/files/read-given.ts';
import { CliError } from '../../model/errors.ts';
import { requireTrustedImage } from '../releases/trusted-image.ts';
import type { Config } from './config.ts';
import type { ConfigPlace } from './find-config.ts';
import { parseConfig } from './parse-config.ts';

/** Reads and checks the file. Separate from `findConfig`, because this module loads the YAML parser. */
export async function loadConfig({ files }: Pick<Context, 'files'>, place: ConfigPlace): Promise<Config> {
  const text = await readGiven(files, place.path, (why) => unreadable(place, why));
  const config = parseConfig(text, place);
  requireTrusted(config, place);
  if (!config.litellm) return config;
  const { completeLitellm } = await import('../gateway-config/load-litellm-config.ts');
  return { ...config, litellm: await completeLitellm({ files }, config.litellm, place.folder) };
}

/** Checked even if the image is ignored here, because others who share the file may not have a stack yet. */
function requireTrusted({ image }: Config, { shown }: ConfigPlace): void {
  try {
    if (image !== undefined) requireTrustedImage(image, { installed: false });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const { code, message, details } = error;
    throw new CliError(code, `${shown}: ${message}`, { hint: error.hint ?? '', details });
  }
}

function unreadable({ shown }: ConfigPlace, why: string): CliError {
  return new CliError('usage', `${shown} cannot be read (${why})`, {
    hint: 'Name another file with --file PATH\nOr start with an example: agents-llm init',
  });
}
