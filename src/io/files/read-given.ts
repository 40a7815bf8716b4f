import type { CliError } from '../../model/errors.ts';
import type { Files } from './files.ts';
import { MOST_TEXT, readProblem } from './regular-file.ts';

/** The text of a file that the user names; `unreadable` makes the error for the reason, such as `ENOENT`. */
export async function readGiven(
  files: Pick<Files, 'read'>,
  path: string,
  unreadable: (why: string) => CliError,
): Promise<string> {
  const text = await files.read(path, MOST_TEXT).catch((error: unknown) => {
    throw unreadable(readProblem(error));
  });
  if (text === undefined) throw unreadable('ENOENT');
  return text;
}
