import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { CliError } from '../model/errors.ts';

/** The value of a JSON text that may have comments; undefined for one without any. Throws with the parser's word for what is wrong. */
export function parseJsonSettings(text: string): unknown {
  const errors: ParseError[] = [];
  const settings: unknown = parse(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const [first] = errors;
  if (first) throw new Error(printParseErrorCode(first.error));
  return settings;
}

/** What an agent's settings file cannot be read for; `format` as users write it. */
export function settingsInvalid(path: string, format: string, cause: unknown): CliError {
  const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
  return new CliError('agent_settings_invalid', `${path} is not valid ${format}: ${why}`, {
    hint: 'Correct the file, then run the command again',
    details: { path },
    cause,
  });
}
