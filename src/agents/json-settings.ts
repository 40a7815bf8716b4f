import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { CliError, systemCode } from '../model/errors.ts';

/** What a parser of JSON accepts beyond the standard. */
export interface JsonExtensions {
  readonly comments: boolean;
  readonly trailingCommas: boolean;
}

/** The value of a JSON text; undefined if the text is empty. Throws with the first error and its line. */
export function parseJsonSettings(
  text: string,
  accepted: JsonExtensions = { comments: true, trailingCommas: true },
): unknown {
  const errors: ParseError[] = [];
  const settings: unknown = parse(text, errors, {
    allowTrailingComma: accepted.trailingCommas,
    disallowComments: !accepted.comments,
    allowEmptyContent: true,
  });
  const [first] = errors;
  if (first) throw new Error(`${wordsOf(first)} in line ${text.slice(0, first.offset).split('\n').length}`);
  return settings;
}

/** `InvalidCommentToken` is "invalid comment token". */
const wordsOf = ({ error }: ParseError) =>
  printParseErrorCode(error)
    .replace(/(?<=.)[A-Z]/g, ' $&')
    .toLowerCase();

/** The error for a settings file that cannot be parsed; `format` as users write it. */
export function settingsInvalid(path: string, format: string, cause: unknown): CliError {
  const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
  return new CliError('agent_settings_invalid', `${path} is not valid ${format}: ${why}`, {
    hint: 'Correct the file, then run the command again',
    details: { path },
    cause,
  });
}

/** Throws `agent_settings_invalid` if a settings file cannot be read. */
export async function guardRead<Result>(path: string, look: () => Promise<Result>): Promise<Result> {
  try {
    return await look();
  } catch (cause) {
    const system = systemCode(cause);
    if (system === undefined || cause instanceof CliError) throw cause;
    throw new CliError('agent_settings_invalid', `${path} cannot be read (${system})`, {
      hint: 'Make it a file that you can read, then run the command again',
      details: { path, system },
      cause,
    });
  }
}
