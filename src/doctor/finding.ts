import { CliError, type ErrorCode } from '../model/errors.ts';

export type FindingStatus = 'ok' | 'warn' | 'fail' | 'skip';

/** The result of one check. */
export interface Finding {
  readonly status: FindingStatus;
  /** What was seen, in a sentence; for `skip`, why nothing was checked. */
  readonly seen: string;
  /** The command that fixes it, or what to do; null when there is nothing to do. */
  readonly fix: string | null;
  /** Of the table of errors, for `fail` alone: its exit code is the command's when it is the worst. */
  readonly code: ErrorCode | null;
}

export function ok(seen: string): Finding {
  return { status: 'ok', seen, fix: null, code: null };
}

export function warn(seen: string, fix: string): Finding {
  return { status: 'warn', seen, fix, code: null };
}

export function fail(code: ErrorCode, seen: string, fix: string): Finding {
  return { status: 'fail', seen, fix, code };
}

export function skip(seen: string): Finding {
  return { status: 'skip', seen, fix: null, code: null };
}

/** Turns an error of a check into a finding. */
export function findingOf(error: unknown): Finding {
  if (error instanceof CliError) return { status: 'fail', seen: error.message, fix: error.hint, code: error.code };
  const message = error instanceof Error ? error.message : String(error);
  return fail('unexpected', message, 'See the details: agents-llm doctor --debug');
}
