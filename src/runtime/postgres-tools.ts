import type { Clock } from '../io/clock.ts';
import { describeEnd, type RunOptions, type RunResult } from '../io/processes/runner.ts';
import { CliError } from '../model/errors.ts';
import { DATABASE } from '../model/service.ts';
import type { Database } from './runtime.ts';

/** As docker-compose.yml names them. LiteLLM logs in as the owner of its database. */
export const OWNER = 'litellm';
export const DATABASE_NAME = 'litellm';
/** The superuser, which has no password and works from a database that LiteLLM's role cannot write to. */
export const ADMIN = 'agents_llm_admin';
export const MAINTENANCE = 'postgres';

/** One of PostgreSQL's own programs and its arguments. */
export type PostgresTool = readonly [name: string, ...args: string[]];

/** What tells a tool whom to connect to as whom. */
type Connect = (user: string, database: string) => readonly string[];

const byName: Connect = (user, database) => ['-U', user, '-d', database];

/** The environment tells; see `libpqEnvironment`. */
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

/** Runs a tool where the database can be reached; it throws when that does not run. */
export type RunPostgresTool = (tool: PostgresTool, options: ToolOptions) => Promise<RunResult>;

/** Runs a script as a role, in a database, and returns how it ended. */
export type RunScript = (user: string, database: string, script: string) => Promise<RunResult>;

/** By the database's socket unless `connect` says else. */
export function scriptRunner({ signal, connect = byName }: DatabaseOptions, run: RunPostgresTool): RunScript {
  return (user, database, script) => {
    // A pool of connections would hand the setting on to others.
    const text = connect === byName ? SCRIPT_LIMITS + script : script;
    return run(psql(connect(user, database)), { signal, timeoutMs: SCRIPT_MS, stdin: { text } });
  };
}

export function postgresDatabase(options: DatabaseOptions, run: RunPostgresTool): Database {
  const { signal, connect = byName } = options;
  const runScript = scriptRunner(options, run);
  const work = async (tool: PostgresTool, files: Pick<RunOptions, 'stdin' | 'stdoutFile'>) => {
    const result = await whileAlive(
      options,
      () => runScript(OWNER, DATABASE_NAME, 'SELECT 1;\n'),
      (stop) => run(tool, { ...files, signal: stop, timeoutMs: null }),
    );
    requireDone(tool[0], result, files.stdoutFile);
  };
  const requireDone: typeof requireSuccess = (name, result, file) => {
    // That of the user's own server has errors of its own.
    if (connect === byName && isGone(result)) throw databaseNotRunning();
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
    dump: (file, withoutRows = []) => work(pgDump(connect(OWNER, DATABASE_NAME), withoutRows), { stdoutFile: file }),
    async isArchive(file) {
      const result = await run(pgRestoreList, { signal, timeoutMs: SCRIPT_MS, stdin: { file } });
      if (result.outcome === 'timeout') throw databaseSilent();
      if (isGone(result)) throw databaseNotRunning();
      return result.exitCode === 0;
    },
    restore: (file, database) => work(pgRestore(connect(OWNER, database)), { stdin: { file } }),
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

/** What the tool wrote; throws when it failed. */
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

/** The server ended before the tool did. A container that is killed takes the tool with it. */
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

/** psql goes on after its error with the line of SQL and a mark below it. */
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
