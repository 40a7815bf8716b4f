import { CliError } from '../../errors.ts';
import type { Command, RunOptions, RunResult } from '../../io/runner.ts';
import { DATABASE, type ServiceState } from '../../service.ts';
import type { Database } from '../runtime.ts';
import { docker as command, type DockerCli } from './docker-cli.ts';
import { lastLine } from './engine-error.ts';

/** As docker-compose.yml names both. */
const OWNER = 'litellm';
const NAME = 'litellm';

/** Through the socket inside the container, where the image asks for no password. */
function exec(container: string, ...args: readonly string[]): Command {
  return command('exec', '-i', container, ...args);
}

const psql = (container: string, database: string): Command =>
  exec(container, 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-U', OWNER, '-d', database, '-f', '-');

const pgDump = (container: string): Command => exec(container, 'pg_dump', '-Fc', '--no-owner', '-U', OWNER, '-d', NAME);

const pgRestoreList = (container: string): Command => exec(container, 'pg_restore', '--list');

const pgRestore = (container: string, database: string): Command =>
  exec(container, 'pg_restore', '--no-owner', '--exit-on-error', '--single-transaction', '-U', OWNER, '-d', database);

/** The database of a stack, by `docker exec`. */
export function databaseOf(docker: DockerCli, services: () => Promise<readonly ServiceState[]>): Database {
  const run = async (build: (container: string) => Command, options: Partial<RunOptions>) => {
    const found = (await services()).find(({ service }) => service === DATABASE);
    if (found?.status !== 'running') throw notRunning();
    const { args } = build(found.id);
    return { tool: args[3] ?? '', result: await docker(args, options) };
  };
  const complete = async (build: (container: string) => Command, options: Partial<RunOptions>) => {
    const { tool, result } = await run(build, options);
    if (result.exitCode === 0 && result.fileError === undefined) return result.stdout;
    throw failure(tool, result, options.stdoutFile);
  };
  return {
    sql: (script, database = NAME) => complete((id) => psql(id, database), { stdin: { text: script } }),
    async dump(file) {
      await complete(pgDump, { stdoutFile: file });
    },
    async isArchive(file) {
      const { result } = await run(pgRestoreList, { stdin: { file } });
      return result.exitCode === 0;
    },
    async restore(file, database) {
      await complete((id) => pgRestore(id, database), { stdin: { file } });
    },
  };
}

function notRunning(): CliError {
  return new CliError('not_running', 'the database does not run', { hint: 'start it: agents-llm up' });
}

/** psql goes on after its error with the line of SQL and a mark below it. */
function errorLine(stderr: string): string {
  return /^.*\b(?:ERROR|FATAL|error|fatal): .*$/m.exec(stderr)?.[0].trim() ?? lastLine(stderr);
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
