import { CliError } from '../errors.ts';

/** Something wrong at one place of the file, in words that never repeat a value. Line and column are counted from 1. */
export interface ConfigIssue {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

const MOST = 10;
const MOST_IN_DETAILS = 100;

/** All that is wrong with the file, in its order, each in the form that editors and terminals make a link of. */
export function configInvalid(file: string, issues: readonly ConfigIssue[], hint?: string): CliError {
  const sorted = [...issues].sort((a, b) => a.line - b.line || a.column - b.column);
  const lines = sorted.slice(0, MOST).map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  const more = sorted.length > MOST ? [`and ${sorted.length - MOST} more`] : [];
  return new CliError('config_invalid', [...lines, ...more], {
    hint: hint ?? 'correct the file, then look what it would do: agents-llm apply --dry-run',
    details: { file, issues: sorted.slice(0, MOST_IN_DETAILS) },
  });
}
