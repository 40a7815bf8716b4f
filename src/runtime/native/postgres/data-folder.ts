import { dirname, join } from 'node:path';
import type { Files } from '../../../io/files/files.ts';
import { describeEnd, type Runner } from '../../../io/processes/runner.ts';
import { CliError, systemCode } from '../../../model/errors.ts';
import type { NativePaths } from '../folders/native-paths.ts';
import { makeSharedFolder } from '../folders/shared-folder.ts';
import type { SystemUser } from './database-user.ts';
import {
  createRoleAndDatabase,
  hostBasedAuthentication,
  identMap,
  initdb,
  postgresSingleUser,
} from './postgres-argv.ts';

export interface DataFolderOptions {
  readonly paths: Pick<NativePaths, 'data' | 'dataParent' | 'sockets'>;
  readonly files: Files;
  readonly runner: Runner;
  readonly signal: AbortSignal;
  readonly user: SystemUser;
  /** The user that PostgreSQL runs as; only defined for root. */
  readonly runAs: { readonly uid: number; readonly gid: number } | undefined;
  readonly postgresBin: string;
}

const MAJOR = '16';
/** initdb syncs its files to the disk, which may be slow. */
const INITDB_MS = 300_000;

/** Creates the data directory if it is missing: completely or not at all. Refuses one that this PostgreSQL cannot use. */
export async function ensureDataFolder(password: string, options: DataFolderOptions): Promise<void> {
  const { paths, files, runAs, user } = options;
  if (runAs) await makeSharedFolder(paths.dataParent, 0o711, files);
  else await files.makeOwnFolder(paths.dataParent);
  await files.makeOwnFolder(paths.sockets, { also: runAs?.uid });
  if (runAs) await files.chown(paths.sockets, runAs);
  if (!(await requireUsableData(paths.data, files, user))) await createDataFolder(password, options);
  const ident = join(paths.data, 'pg_ident.conf');
  // It names another user if the data was given to this one.
  if ((await files.read(ident)) !== identMap(user.name)) await files.write(ident, identMap(user.name), 0o644);
}

/** False if there is no data directory; throws if this PostgreSQL cannot use it. */
export async function requireUsableData(
  data: string,
  files: Pick<Files, 'read' | 'owner'>,
  user: SystemUser,
): Promise<boolean> {
  const version = (await files.read(join(data, 'PG_VERSION')).catch(unreadable(data)))?.trim();
  if (version === undefined) return false;
  if (version !== MAJOR) throw incompatible(data, version);
  const owner = await files.owner(data);
  if (owner !== undefined && owner !== user.uid) throw notOurs(data, owner, user);
  return true;
}

async function createDataFolder(password: string, options: DataFolderOptions): Promise<void> {
  const { paths, files, runAs, postgresBin } = options;
  const fresh = `${paths.data}.new`;
  await files.remove(fresh);
  await files.makeOwnFolder(fresh);
  if (runAs) await files.chown(fresh, runAs);
  await run('initdb', initdb(postgresBin, fresh), options);
  await run(
    'The first start of the database',
    postgresSingleUser(postgresBin, fresh),
    options,
    createRoleAndDatabase(password),
  );
  await files.write(join(fresh, 'pg_hba.conf'), hostBasedAuthentication, 0o644);
  // This replaces an empty folder, but fails for any other.
  await files.rename(fresh, paths.data).catch((error: unknown) => {
    throw inTheWay(paths.data, error);
  });
}

async function run(
  step: string,
  command: ReturnType<typeof initdb>,
  { runner, signal, runAs, paths, user }: DataFolderOptions,
  stdin = '',
): Promise<void> {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
  const result = await runner.run(command, {
    env,
    signal,
    cwd: dirname(paths.data),
    stdin: { text: stdin },
    timeoutMs: INITDB_MS,
    ...(runAs && { user: runAs }),
  });
  if (result.outcome === 'not-found') throw unreachable(command.file, user);
  const failed = result.exitCode !== 0 || /^.*\b(?:ERROR|FATAL|PANIC): /m.test(result.stderr);
  if (!failed) return;
  const line =
    /^.*\b(?:error|ERROR|FATAL|PANIC): .*$/m.exec(result.stderr)?.[0] ?? result.stderr.trim().split('\n').at(-1);
  const full = /No space left/i.test(result.stderr);
  throw new CliError(full ? 'state_full' : 'database_failed', `${step} failed: ${line || describeEnd(result)}`, {
    hint: full
      ? 'Free space on that disk, then run the same command again'
      : `Check the folder for its data: ${paths.data}`,
    details: { exitCode: result.exitCode, path: paths.data },
  });
}

function unreachable(path: string, user: SystemUser): CliError {
  return new CliError('image_missing', `User ${user.name} cannot run ${path}, or it is missing`, {
    hint: 'Repair the installation: agents-llm native install --force',
    details: { path, user: user.name },
  });
}

const unreadable =
  (path: string) =>
  (error: unknown): undefined => {
    const system = systemCode(error);
    if (system === 'ENOTDIR') return undefined;
    throw new CliError('state_not_ours', `Cannot read the data directory ${path} (${system})`, {
      hint: `See which user it belongs to: ls -ld ${path}`,
      details: { path, system },
      cause: error,
    });
  };

function inTheWay(path: string, cause: unknown): CliError {
  return new CliError('data_replaced', `${path} is not empty, but it is not a PostgreSQL data directory`, {
    hint: `If you do not need it, move it away: mv ${path} ${path}.old`,
    details: { path, system: systemCode(cause) },
    cause,
  });
}

function incompatible(path: string, version: string): CliError {
  return new CliError(
    'data_replaced',
    `${path} contains data of PostgreSQL ${version}, but this is PostgreSQL ${MAJOR}`,
    {
      hint: `Dump it with PostgreSQL ${version} (pg_dump -Fc), then restore the dump: agents-llm restore FILE`,
      details: { path, version },
    },
  );
}

function notOurs(path: string, owner: number, user: SystemUser): CliError {
  return new CliError('state_not_ours', `${path} belongs to user id ${owner}, but PostgreSQL runs as ${user.name}`, {
    hint: `Change its owner: chown -R ${user.uid}:${user.gid} ${path}`,
    details: { path, owner, user: user.name },
  });
}
