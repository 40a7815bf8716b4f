import { dirname, join } from 'node:path';
import type { Files } from '../io/files/files.ts';
import { CliError, systemCode } from '../model/errors.ts';
import type { HandOver } from './hand-over.ts';

/** Writes into a folder that has none of the files yet, because nothing is ever replaced. */
export async function writeHandOver(
  files: Pick<Files, 'makeFolder' | 'size' | 'create'>,
  folder: string,
  { main, secrets, others }: HandOver,
): Promise<void> {
  try {
    await files.makeFolder(folder);
    for (const { name } of [main, secrets, ...others]) {
      if ((await files.size(join(folder, name))) !== undefined) throw fileExists(join(folder, name));
    }
    for (const { name, text } of others) {
      // The user of the gateway's container reads it.
      if (dirname(name) !== '.') await files.makeFolder(dirname(join(folder, name)), 0o755);
      if (!(await files.create(join(folder, name), text, 0o644))) throw fileExists(join(folder, name));
    }
    const made =
      (await files.create(join(folder, secrets.name), secrets.text, 0o600)) &&
      (await files.create(join(folder, main.name), main.text, 0o644));
    if (!made) throw fileExists(folder);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === undefined || cause instanceof CliError) throw cause;
    throw new CliError('state_unwritable', `${folder} cannot be written (${code})`, {
      hint: 'Name another folder, or omit --output to print the files',
      details: { path: folder },
      cause,
    });
  }
}

function fileExists(path: string): CliError {
  return new CliError('usage', `${path} already exists`, {
    hint: 'Name another folder, because no file is ever replaced',
    details: { path },
  });
}
