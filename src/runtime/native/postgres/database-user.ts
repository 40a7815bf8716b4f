import type { Files } from '../../../io/files/files.ts';
import type { Runner } from '../../../io/processes/runner.ts';
import { CliError } from '../../../model/errors.ts';

export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface UserOptions {
  readonly files: Pick<Files, 'read' | 'owner'>;
  readonly runner: Runner;
  readonly signal: AbortSignal;
  /** PostgreSQL's data directory, which need not exist. */
  readonly data: string;
}

/** In order of preference: `postgres` exists where PostgreSQL is installed too, `_postgres` on macOS. */
const UNPRIVILEGED = ['postgres', '_postgres', 'nobody'];

/** The user that PostgreSQL runs as: ourselves, or an unprivileged user if we are root, because it refuses to run as root. */
export async function databaseUser(options: UserOptions, uid: number | undefined): Promise<SystemUser> {
  const users = parsePasswd((await options.files.read('/etc/passwd')) ?? '');
  const systemUser =
    uid === 0
      ? await unprivileged(users, options)
      : (users.find((user) => user.uid === uid) ?? (await askSystem(uid, options)));
  if (systemUser) return systemUser;
  throw new CliError('native_unsupported', `PostgreSQL needs a system user, but ${describeMissing(uid)}`, {
    hint: 'Give this user id a name in /etc/passwd\nOr use Docker: agents-llm up --runtime docker',
    details: { uid: uid ?? null },
  });
}

/** The ids that PostgreSQL and its tools run with if we are root; otherwise undefined, because they run as ourselves. */
export async function otherUser(
  options: UserOptions,
  uid: number | undefined,
): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (uid !== 0) return undefined;
  const user = await databaseUser(options, uid);
  return { uid: user.uid, gid: user.gid };
}

/** The owner of the data stays, even if a preferred user is added to the machine later. */
async function unprivileged(users: readonly SystemUser[], { files, data }: UserOptions) {
  const available = UNPRIVILEGED.flatMap((name) => users.find((user) => user.name === name) ?? []);
  const owner = await files.owner(data).catch(() => undefined);
  return available.find((user) => user.uid === owner) ?? available[0];
}

/** Finds the users of macOS and of directory services, who are not in /etc/passwd. */
async function askSystem(uid: number | undefined, { runner, signal }: UserOptions): Promise<SystemUser | undefined> {
  if (uid === undefined) return undefined;
  const ask = async (flag: string) => {
    const env = { PATH: '/usr/bin:/bin' };
    const { exitCode, stdout } = await runner.run(
      { file: 'id', args: [flag, String(uid)] },
      { env, signal, timeoutMs: 10_000 },
    );
    return exitCode === 0 ? stdout.trim() : '';
  };
  const [name, gid] = [await ask('-un'), await ask('-g')];
  return name === '' || !/^\d+$/.test(gid) ? undefined : { name, uid, gid: Number(gid) };
}

function describeMissing(uid: number | undefined): string {
  return uid === 0 ? `none of ${UNPRIVILEGED.join(', ')} exists` : `user id ${uid} has no name`;
}

/** Parses /etc/passwd, whose lines are name, password, uid, gid and more. */
export function parsePasswd(text: string): SystemUser[] {
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && !name.startsWith('#') && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}
