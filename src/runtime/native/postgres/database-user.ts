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
  /** PostgreSQL's data directory, which need not be there. */
  readonly data: string;
}

/** In this order: `postgres` is there where PostgreSQL is installed too, `_postgres` on macOS. */
const UNPRIVILEGED = ['postgres', '_postgres', 'nobody'];

/** The user that PostgreSQL runs as: ourselves, or for root, as which it refuses to run, one without rights. */
export async function databaseUser(options: UserOptions, uid: number | undefined): Promise<SystemUser> {
  const users = accountsIn((await options.files.read('/etc/passwd')) ?? '');
  const found =
    uid === 0
      ? await unprivileged(users, options)
      : (users.find((user) => user.uid === uid) ?? (await askSystem(uid, options)));
  if (found) return found;
  throw new CliError('native_unsupported', `PostgreSQL needs a system user, but ${nameOf(uid)}`, {
    hint: 'Give this user id a name in /etc/passwd\nOr use Docker: --runtime docker',
    details: { uid: uid ?? null },
  });
}

/** For root: the ids that PostgreSQL and its tools get. Others run them as themselves. */
export async function otherUser(
  options: UserOptions,
  uid: number | undefined,
): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (uid !== 0) return undefined;
  const user = await databaseUser(options, uid);
  return { uid: user.uid, gid: user.gid };
}

/** Whoever of them has the data keeps it, also when another user comes to the machine later. */
async function unprivileged(users: readonly SystemUser[], { files, data }: UserOptions) {
  const fit = UNPRIVILEGED.flatMap((name) => users.find((user) => user.name === name) ?? []);
  const owner = await files.owner(data).catch(() => undefined);
  return fit.find((user) => user.uid === owner) ?? fit[0];
}

/** The users of macOS and of a directory service are not in that file. */
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

function nameOf(uid: number | undefined): string {
  return uid === 0 ? `none of ${UNPRIVILEGED.join(', ')} exists` : `user id ${uid} has no name`;
}

/** The lines of /etc/passwd: name, password, uid, gid and more. */
export function accountsIn(text: string): SystemUser[] {
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && !name.startsWith('#') && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}
