import { CliError } from '../errors.ts';
import type { RunOptions, RunResult } from '../io/runner.ts';
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

const pgDump = (connect: readonly string[]): PostgresTool => ['pg_dump', '-Fc', '--no-owner', ...connect];

const pgRestoreList: PostgresTool = ['pg_restore', '--list'];

const pgRestore = (connect: readonly string[]): PostgresTool => [
  ...(['pg_restore', '--no-owner', '--exit-on-error', '--single-transaction'] as const),
  ...connect,
];

/** `run` runs a tool where the database can be reached, by its socket unless `connect` says else; it throws when it does not run. */
export function postgresDatabase(
  run: (tool: PostgresTool, options: Pick<RunOptions, 'stdin' | 'stdoutFile'>) => Promise<RunResult>,
  connect: Connect = byName,
): Database {
  const complete = async (tool: PostgresTool, options: Pick<RunOptions, 'stdin' | 'stdoutFile'>) => {
    const result = await run(tool, options);
    if (result.exitCode === 0 && result.fileError === undefined) return result.stdout;
    throw failure(tool[0], result, options.stdoutFile);
  };
  return {
    sql: (script, database = DATABASE_NAME) => complete(psql(connect(database)), { stdin: { text: script } }),
    async dump(file) {
      await complete(pgDump(connect(DATABASE_NAME)), { stdoutFile: file });
    },
    async isArchive(file) {
      return (await run(pgRestoreList, { stdin: { file } })).exitCode === 0;
    },
    async restore(file, database) {
      await complete(pgRestore(connect(database)), { stdin: { file } });
    },
  };
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
  const why = result.fileError ?? (errorLine(result.stderr) || `exit code ${result.exitCode}`);
  return new CliError('database_failed', `${tool} failed: ${why}`, {
    hint: `see what the database says: agents-llm logs ${DATABASE}`,
    details: { tool, exitCode: result.exitCode },
  });
}
