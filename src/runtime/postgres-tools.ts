import { CliError } from '../errors.ts';
import type { Clock } from '../io/clock.ts';
import { describeEnd, type RunOptions, type RunResult } from '../io/runner.ts';
import { DATABASE } from '../service.ts';
import type { Database } from './runtime.ts';

/** As docker-compose.yml names both. */
export const OWNER = 'litellm';
export const DATABASE_NAME = 'litellm';

/** One of PostgreSQL's own programs and its arguments. */
export type PostgresTool = readonly [name: string, ...args: string[]];

/** What tells a tool whom to connect to as whom. */
type Connect = (database: string) => readonly string[];

const byName: Connect = (database) => ['-U', OWNER, '-d', database];

/** The environment tells; see `libpqEnvironment`. */
export const byEnvironment: Connect = () => [];

const psql = (connect: readonly string[]): PostgresTool => [
  ...(['psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1'] as const),
  ...connect,
  ...['-f', '-'],
];

const pgDump = (connect: readonly string[]): PostgresTool => [
  'pg_dump',
  '-Fc',
  '--no-owner',
  '--lock-wait-timeout=60s',
  ...connect,
];

const pgRestoreList: PostgresTool = ['pg_restore', '--list'];

const pgRestore = (connect: readonly string[]): PostgresTool => [
  ...(['pg_restore', '--no-owner', '--exit-on-error', '--single-transaction'] as const),
  ...connect,
];

/** For a server that takes connections and does not answer. */
export const CONNECT_TIMEOUT = { PGCONNECT_TIMEOUT: '10' };
/** Of the server's own: a script that is given up by us alone would go on there. */
const SCRIPT_LIMITS = "SET statement_timeout = '60s';\nSET lock_timeout = '30s';\n";
const SCRIPT_MS = 75_000;
/** An archive or a restoration takes as long as the data is big: meanwhile the database is asked whether it lives. */
const ALIVE_EVERY_MS = 15_000;

export interface DatabaseOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly connect?: Connect;
}

export type ToolOptions = Pick<RunOptions, 'stdin' | 'stdoutFile' | 'timeoutMs' | 'signal'>;

/** `run` runs a tool where the database can be reached, by its socket unless `connect` says else; it throws when it does not run. */
export function postgresDatabase(
  options: DatabaseOptions,
  run: (tool: PostgresTool, options: ToolOptions) => Promise<RunResult>,
): Database {
  const { signal, connect = byName } = options;
  const look = (tool: PostgresTool, stdin: RunOptions['stdin']) =>
    run(tool, { signal, timeoutMs: SCRIPT_MS, ...(stdin && { stdin }) });
  const select = (script: string, database: string) => {
    // A pool of connections would hand the setting on to others.
    const text = connect === byName ? SCRIPT_LIMITS + script : script;
    return look(psql(connect(database)), { text });
  };
  const work = async (tool: PostgresTool, files: Pick<RunOptions, 'stdin' | 'stdoutFile'>) => {
    const result = await whileAlive(
      options,
      () => select('SELECT 1;\n', DATABASE_NAME),
      (stop) => run(tool, { ...files, signal: stop, timeoutMs: null }),
    );
    complete(tool, result, files.stdoutFile);
  };
  return {
    async sql(script, database = DATABASE_NAME) {
      const tool = psql(connect(database));
      return complete(tool, await select(script, database));
    },
    dump: (file) => work(pgDump(connect(DATABASE_NAME)), { stdoutFile: file }),
    async isArchive(file) {
      const result = await look(pgRestoreList, { file });
      if (result.outcome === 'timeout') throw databaseSilent();
      return result.exitCode === 0;
    },
    restore: (file, database) => work(pgRestore(connect(database)), { stdin: { file } }),
  };
}

/** Ends long work when the database does not answer beside it. */
async function whileAlive(
  { clock, signal }: DatabaseOptions,
  look: () => Promise<RunResult>,
  action: (stop: AbortSignal) => Promise<RunResult>,
): Promise<RunResult> {
  const silent = new AbortController();
  const done = new AbortController();
  const watch = async () => {
    for (;;) {
      await clock.sleep(ALIVE_EVERY_MS, done.signal);
      if (isSilent(await look()) && !done.signal.aborted) silent.abort(databaseSilent());
    }
  };
  // A look that fails otherwise says nothing about the work.
  watch().catch(() => undefined);
  try {
    return await action(AbortSignal.any([signal, silent.signal]));
  } finally {
    done.abort();
  }
}

function complete([name]: PostgresTool, result: RunResult, file?: string): string {
  if (result.exitCode === 0 && result.fileError === undefined) return result.stdout;
  throw isSilent(result) ? databaseSilent() : failure(name, result, file);
}

const isSilent = ({ outcome, exitCode, stderr }: RunResult) =>
  outcome === 'timeout' || (exitCode !== 0 && /timeout expired/.test(stderr));

function databaseSilent(): CliError {
  return new CliError('database_failed', 'The database is not responding', {
    hint: `see what it is doing: agents-llm logs ${DATABASE}\nor restart it: agents-llm restart`,
    details: { service: DATABASE, cause: 'ETIMEDOUT' },
  });
}

export function databaseNotRunning(): CliError {
  return new CliError('not_running', 'the database does not run', { hint: 'start it: agents-llm up' });
}

/** psql goes on after its error with the line of SQL and a mark below it. */
function errorLine(stderr: string): string {
  return /^.*\b(?:ERROR|FATAL|error|fatal): .*$/m.exec(stderr)?.[0].trim() ?? stderr.trim().split('\n').at(-1) ?? '';
}

function failure(tool: string, result: RunResult, file: string | undefined): CliError {
  if (result.fileError === 'ENOSPC' || result.fileError === 'EDQUOT') {
    return new CliError('state_full', `${file} cannot be written: no space is left (${result.fileError})`, {
      hint: 'make room on that disk, then run the same command again',
      details: { path: file ?? null, system: result.fileError },
    });
  }
  const why = result.fileError ?? (errorLine(result.stderr) || describeEnd(result));
  return new CliError('database_failed', `${tool} failed: ${why}`, {
    hint: `see what the database says: agents-llm logs ${DATABASE}`,
    details: { tool, exitCode: result.exitCode },
  });
}
