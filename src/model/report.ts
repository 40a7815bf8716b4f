import { oneLine } from '../text/shown-text.ts';
import type { CliError, ExitCode } from './errors.ts';

/** The outcome of a command: the same object for text and JSON output. */
export interface Outcome<Data> {
  readonly data: Data;
  /** 0 when absent. */
  readonly exitCode?: ExitCode;
  readonly warnings?: readonly string[];
  /** Names of fields with our own multi-line texts. In all other fields, newlines are escaped. */
  readonly ownLines?: readonly string[];
}

interface ErrorView {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The object that `--json` prints. Fields are added but never changed or removed. */
export interface Envelope {
  readonly schemaVersion: 1;
  readonly command: string;
  readonly ok: boolean;
  readonly data: unknown;
  readonly error: ErrorView | null;
  readonly warnings: readonly string[];
}

export function successEnvelope(command: string, outcome: Outcome<unknown>): Envelope {
  return {
    schemaVersion: 1,
    command,
    ok: true,
    data: outcome.data,
    error: null,
    warnings: outcome.warnings?.map((warning) => oneLine(warning)) ?? [],
  };
}

export function failureEnvelope(command: string, error: CliError, warnings: readonly string[] = []): Envelope {
  const { code, message, hint, retryable, details } = error;
  return {
    schemaVersion: 1,
    command,
    ok: false,
    data: null,
    error: { code, message, hint, retryable, details },
    warnings: warnings.map((warning) => oneLine(warning)),
  };
}

/** A line for stderr. */
export const warningLine = (text: string): string => `warning: ${oneLine(text)}\n`;
