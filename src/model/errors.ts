import { oneLine, oneLineEach } from '../text/shown-text.ts';

/** The exit codes of all commands. Frozen: codes are added but never changed. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  confirm: 3,
  refused: 4,
  prerequisite: 5,
  port: 6,
  notReady: 7,
  rejected: 8,
  data: 9,
  notRunning: 10,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANING: Readonly<Record<ExitCode, string>> = {
  0: 'success, or nothing to do',
  1: 'unclassified failure',
  2: 'usage error: unknown command or flag, invalid value',
  3: 'confirmation needed (--force)',
  4: 'LiteLLM refused the key',
  5: 'Docker, Compose, Python, the engine, an image or the external database is missing, down or too old',
  6: 'port already in use',
  7: 'not ready in time, or a service failed (the stack keeps running)',
  8: 'LiteLLM rejected the request',
  9: 'data lost or unreadable',
  10: 'not running',
  130: 'interrupted (Ctrl-C)',
  143: 'terminated (SIGTERM)',
};

interface Kind {
  readonly exit: ExitCode;
  /** Whether the same command may succeed later without any change. */
  readonly retryable: boolean;
}

const kind = (exit: ExitCode, retryable = false): Kind => ({ exit, retryable });

/** Error codes are the stable part of an error: scripts check the code instead of the message. */
export const ERRORS = {
  unexpected: kind(EXIT.failed),
  usage: kind(EXIT.usage),
  config_invalid: kind(EXIT.usage),
  agent_settings_invalid: kind(EXIT.usage),
  bind_not_local: kind(EXIT.usage),
  bind_needs_password: kind(EXIT.usage),
  confirmation_needed: kind(EXIT.confirm),
  file_not_allowed: kind(EXIT.confirm),
  key_refused: kind(EXIT.refused),
  docker_missing: kind(EXIT.prerequisite),
  docker_context_unknown: kind(EXIT.prerequisite),
  compose_missing: kind(EXIT.prerequisite),
  compose_too_old: kind(EXIT.prerequisite),
  engine_unreachable: kind(EXIT.prerequisite, true),
  engine_permission: kind(EXIT.prerequisite),
  engine_unsupported: kind(EXIT.prerequisite),
  engine_changed: kind(EXIT.prerequisite),
  runtime_changed: kind(EXIT.prerequisite),
  node_too_old: kind(EXIT.prerequisite),
  agent_missing: kind(EXIT.prerequisite),
  memory_low: kind(EXIT.prerequisite),
  clock_skewed: kind(EXIT.prerequisite),
  native_unsupported: kind(EXIT.prerequisite),
  python_missing: kind(EXIT.prerequisite),
  install_failed: kind(EXIT.prerequisite, true),
  release_unknown: kind(EXIT.prerequisite),
  lock_file_invalid: kind(EXIT.prerequisite),
  image_missing: kind(EXIT.prerequisite),
  image_not_found: kind(EXIT.prerequisite),
  image_refused: kind(EXIT.prerequisite),
  registry_unreachable: kind(EXIT.prerequisite, true),
  tls_unsupported: kind(EXIT.prerequisite),
  certificate_missing: kind(EXIT.usage),
  certificate_invalid: kind(EXIT.usage),
  certificate_expired: kind(EXIT.usage),
  certificate_other_host: kind(EXIT.usage),
  port_taken: kind(EXIT.port),
  not_ready: kind(EXIT.notReady, true),
  service_failed: kind(EXIT.notReady),
  compose_failed: kind(EXIT.notReady),
  database_unsupported: kind(EXIT.prerequisite),
  database_unreachable: kind(EXIT.prerequisite, true),
  database_refused: kind(EXIT.prerequisite),
  database_too_old: kind(EXIT.prerequisite),
  database_newer: kind(EXIT.data),
  database_not_ours: kind(EXIT.usage),
  stack_locked: kind(EXIT.notReady, true),
  not_responding: kind(EXIT.notReady, true),
  database_lost: kind(EXIT.notReady, true),
  database_failed: kind(EXIT.notReady),
  request_rejected: kind(EXIT.rejected),
  proxy_unreachable: kind(EXIT.rejected, true),
  not_litellm: kind(EXIT.rejected),
  outcome_unknown: kind(EXIT.rejected, true),
  provider_unknown: kind(EXIT.rejected),
  provider_failed: kind(EXIT.rejected),
  provider_in_use: kind(EXIT.confirm),
  alias_ambiguous: kind(EXIT.confirm),
  models_missing: kind(EXIT.rejected),
  team_unknown: kind(EXIT.rejected),
  budget_spent: kind(EXIT.rejected),
  key_lost: kind(EXIT.confirm),
  key_blocked: kind(EXIT.confirm),
  key_not_ours: kind(EXIT.confirm),
  env_file_tracked: kind(EXIT.confirm),
  state_invalid: kind(EXIT.data),
  secrets_invalid: kind(EXIT.data),
  secrets_missing: kind(EXIT.data),
  secrets_changed: kind(EXIT.data),
  data_gone: kind(EXIT.data),
  data_replaced: kind(EXIT.data),
  data_lost: kind(EXIT.data),
  backup_invalid: kind(EXIT.data),
  backup_unreadable: kind(EXIT.data),
  backup_failed: kind(EXIT.failed, true),
  restore_failed: kind(EXIT.data),
  version_refused: kind(EXIT.usage),
  upgrade_failed: kind(EXIT.notReady),
  state_unwritable: kind(EXIT.failed),
  state_full: kind(EXIT.failed, true),
  state_not_ours: kind(EXIT.failed),
  /** Other users can change the contents of one of our folders. */
  folder_unsafe: kind(EXIT.failed),
  secrets_exposed: kind(EXIT.failed),
  database_exposed: kind(EXIT.failed),
  not_running: kind(EXIT.notRunning, true),
  interrupted: kind(EXIT.interrupted, true),
  terminated: kind(EXIT.terminated, true),
} as const;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorDetail {
  /** What to do next: one step or choice per line, each an imperative. Use a list if a line contains untrusted text. */
  readonly hint?: string | readonly string[];
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * A failure that a user can act on. Only `main.ts` renders it and turns it into an exit code. The constructor cleans all
 * texts, so that they are safe to print: a message is one line, or a list of lines.
 */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: ErrorCode;
  /** The lines of the message. */
  readonly lines: readonly string[];
  readonly hint: string | null;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string | readonly string[], detail: ErrorDetail = {}) {
    const lines = linesOf(typeof message === 'string' ? [message] : message);
    super(lines.join('\n'), { cause: detail.cause });
    this.code = code;
    this.lines = lines;
    const { hint } = detail;
    this.hint = hint === undefined ? null : linesOf(typeof hint === 'string' ? hint.split('\n') : hint).join('\n');
    this.details = oneLineEach(detail.details ?? {});
  }

  get exitCode(): ExitCode {
    return ERRORS[this.code].exit;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

const linesOf = (lines: readonly string[]) => lines.map((line) => oneLine(line));

/** The `code` of a Node system error such as `ENOENT`, or undefined. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The error for a signal: the reason of the abort signal. */
export function interruption(signal: 'SIGINT' | 'SIGTERM'): CliError {
  return signal === 'SIGINT'
    ? new CliError('interrupted', 'Interrupted')
    : new CliError('terminated', 'Terminated by SIGTERM');
}
