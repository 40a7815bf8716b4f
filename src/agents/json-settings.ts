import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { CliError, systemCode } from '../model/errors.ts';

/** The value of a JSON text that may have comments; undefined if the text is empty. Throws the parser's error code. */
export function parseJsonSettings(text: string): unknown {
  const errors: ParseError[] = [];
  const settings: unknown = parse(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const [first] = errors;
  if (first) throw new Error(printParseErrorCode(first.error));
  return settings;
}

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
