import type { Clock } from '../io/clock.ts';
import { describeEnd, type RunOptions, type RunResult } from '../io/processes/runner.ts';
import { CliError } from '../model/errors.ts';
import { DATABASE } from '../model/service.ts';
import type { Database } from './runtime.ts';

/** The names in docker-compose.yml. LiteLLM logs in as the owner of its database. */
export const OWNER = 'litellm';
export const DATABASE_NAME = 'litellm';
/** The superuser, which has no password and uses a database that LiteLLM's role cannot write to. */
export const ADMIN = 'agents_llm_admin';
export const MAINTENANCE = 'postgres';

/** One of PostgreSQL's own programs and its arguments. */
export type PostgresTool = readonly [name: string, ...args: string[]];

/** The arguments that tell a tool which user and database to use. */
type Connect = (user: string, database: string) => readonly string[];

const byArguments: Connect = (user, database) => ['-U', user, '-d', database];

/** Leaves user and database to the environment; see `libpqEnvironment`. */
export const byEnvironment: Connect = () => [];

const psql = (connect: readonly string[]): PostgresTool => [
  ...(['psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1'] as const),
  ...connect,
  ...['-f', '-'],
];

const pgDump = (connect: readonly string[], withoutRows: readonly string[]): PostgresTool => [
  ...(['pg_dump', '-Fc', '--no-owner', '--lock-wait-timeout=60s'] as const),
  ...withoutRows.map((pattern) => `--exclude-table-data=${pattern}`),
  ...connect,
];

const pgRestoreList: PostgresTool = ['pg_restore', '--list'];

const pgRestore = (connect: readonly string[]): PostgresTool => [
  ...(['pg_restore', '--no-owner', '--exit-on-error', '--single-transaction'] as const),
  ...connect,
];

/** For a server that accepts connections but does not answer. */
export const CONNECT_TIMEOUT = { PGCONNECT_TIMEOUT: '10' };
/** Set on the server, because a script that only we give up would continue there. */
const SCRIPT_LIMITS = "SET statement_timeout = '60s';\nSET lock_timeout = '30s';\n";
const SCRIPT_MS = 75_000;
/** A dump or a restore has no deadline, because it depends on the size of the data, so the database is checked meanwhile. */
const LIVENESS_EVERY_MS = 15_000;

export interface DatabaseOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly connect?: Connect;
}

export type ToolOptions = Pick<RunOptions, 'stdin' | 'stdoutFile' | 'timeoutMs' | 'signal'>;

/** Runs a tool where it can reach the database; throws if the database does not run. */
export type RunPostgresTool = (tool: PostgresTool, options: ToolOptions) => Promise<RunResult>;

/** Runs a script as a role, in a database, and returns how it ended. */
export type RunScript = (user: string, database: string, script: string) => Promise<RunResult>;

/** Connects through the database's socket unless `connect` says otherwise. */
export function scriptRunner({ signal, connect = byArguments }: DatabaseOptions, run: RunPostgresTool): RunScript {
  return (user, database, script) => {
    // A connection pooler in front of an external database would pass these settings on to other clients.
    const text = connect === byArguments ? SCRIPT_LIMITS + script : script;
    return run(psql(connect(user, database)), { signal, timeoutMs: SCRIPT_MS, stdin: { text } });
  };
}

export function postgresDatabase(options: DatabaseOptions, run: RunPostgresTool): Database {
  const { signal, connect = byArguments } = options;
  const runScript = scriptRunner(options, run);
  const runLong = async (tool: PostgresTool, files: Pick<RunOptions, 'stdin' | 'stdoutFile'>) => {
    const result = await withLivenessCheck(
      options,
      () => runScript(OWNER, DATABASE_NAME, 'SELECT 1;\n'),
      (stop) => run(tool, { ...files, signal: stop, timeoutMs: null }),
    );
    requireDone(tool[0], result, files.stdoutFile);
  };
  const requireDone: typeof requireSuccess = (name, result, file) => {
    // An external server is not ours to start, so its own error is shown.
    if (connect === byArguments && isGone(result)) throw databaseNotRunning();
    return requireSuccess(name, result, file);
  };
  return {
    async sql(script, database = DATABASE_NAME) {
      return requireDone('psql', await runScript(OWNER, database, script));
    },
    async administer(script) {
      const result = await runScript(ADMIN, MAINTENANCE, script);
      return requireDone('psql', lacksAdmin(result) ? await runScript(OWNER, MAINTENANCE, script) : result);
    },
    dump: (file, withoutRows = []) => runLong(pgDump(connect(OWNER, DATABASE_NAME), withoutRows), { stdoutFile: file }),
    async isArchive(file) {
      const result = await run(pgRestoreList, { signal, timeoutMs: SCRIPT_MS, stdin: { file } });
      if (result.outcome === 'timeout') throw databaseSilent();
      if (isGone(result)) throw databaseNotRunning();
      return result.exitCode === 0;
    },
    restore: (file, database) => runLong(pgRestore(connect(OWNER, database)), { stdin: { file } }),
  };
}

/** Aborts an action when the database stops answering meanwhile. */
async function withLivenessCheck(
  { clock, signal }: DatabaseOptions,
  check: () => Promise<RunResult>,
  action: (stop: AbortSignal) => Promise<RunResult>,
): Promise<RunResult> {
  const silent = new AbortController();
  const done = new AbortController();
  const watch = async () => {
    for (;;) {
      await clock.sleep(LIVENESS_EVERY_MS, done.signal);
      if (isSilent(await check()) && !done.signal.aborted) silent.abort(databaseSilent());
    }
  };
  // A check that fails for another reason says nothing about the action.
  watch().catch(() => undefined);
  try {
    return await action(AbortSignal.any([signal, silent.signal]));
  } finally {
    done.abort();
  }
}

/** Returns what the tool wrote; throws if it failed. */
export function requireSuccess(name: string, result: RunResult, file?: string): string {
  if (result.exitCode === 0 && result.fileError === undefined) return result.stdout;
  throw isSilent(result) ? databaseSilent() : failure(name, result, file);
}

const LACKS_ADMIN = new RegExp(`role "${ADMIN}" does not exist|authentication failed for user "${ADMIN}"`);

/** Whether the connection failed because data of an older version has no administrator yet. */
export function lacksAdmin({ exitCode, stderr }: Pick<RunResult, 'exitCode' | 'stderr'>): boolean {
  return exitCode === 2 && LACKS_ADMIN.test(stderr);
}

const isSilent = ({ outcome, exitCode, stderr }: RunResult) =>
  outcome === 'timeout' || (exitCode !== 0 && /timeout expired/.test(stderr));

const GONE =
  /server closed the connection|terminating connection due to|(Connection refused|No such file or directory)\s+Is the server running|container \S+ is not running|No such container/;

/** Whether the server ended before the tool did. A container that is killed takes the tool with it. */
const isGone = ({ outcome, exitCode, stderr }: RunResult) =>
  outcome === 'exited' && (exitCode === 137 || (exitCode !== 0 && GONE.test(stderr)));

function databaseSilent(): CliError {
  return new CliError('database_failed', 'The database is not responding', {
    hint: `See what it is doing: agents-llm logs ${DATABASE}\nOr restart it: agents-llm restart`,
    details: { service: DATABASE, cause: 'ETIMEDOUT' },
  });
}

export function databaseNotRunning(): CliError {
  return new CliError('not_running', 'The database is not running', { hint: 'Start the stack: agents-llm up' });
}

/** After an error, psql also prints the line of SQL with a mark below it. */
function errorLine(stderr: string): string {
  return /^.*\b(?:ERROR|FATAL|error|fatal): .*$/m.exec(stderr)?.[0].trim() ?? stderr.trim().split('\n').at(-1) ?? '';
}

function failure(tool: string, result: RunResult, file: string | undefined): CliError {
  if (result.fileError === 'ENOSPC' || result.fileError === 'EDQUOT') {
    return new CliError('state_full', `Cannot write ${file}: no space is left (${result.fileError})`, {
      hint: 'Free space on that disk, then run the same command again',
      details: { path: file ?? null, system: result.fileError },
    });
  }
  const why = result.fileError ?? (errorLine(result.stderr) || describeEnd(result));
  return new CliError('database_failed', `${tool} failed: ${why}`, {
    hint: `See its log: agents-llm logs ${DATABASE}`,
    details: { tool, exitCode: result.exitCode },
  });
}
