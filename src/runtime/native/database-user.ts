import { CliError } from '../../errors.ts';
import type { Files } from '../../io/files.ts';

export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** In this order: `postgres` is there where PostgreSQL is installed too. */
const UNPRIVILEGED = ['postgres', 'nobody'];

/** The user that PostgreSQL runs as: ourselves, or for root, as which it refuses to run, one without rights. */
export async function databaseUser(files: Pick<Files, 'read'>, uid: number | undefined): Promise<SystemUser> {
  const users = parsePasswd((await files.read('/etc/passwd')) ?? '');
  const found =
    uid === 0
      ? UNPRIVILEGED.map((name) => users.find((user) => user.name === name)).find((user) => user !== undefined)
      : users.find((user) => user.uid === uid);
  if (found) return found;
  throw new CliError('native_unsupported', `PostgreSQL needs a user of the system, and ${nameOf(uid)}`, {
    hint: 'give this user id a name in /etc/passwd, or use Docker: --runtime docker',
    details: { uid: uid ?? null },
  });
}

/** For root: the ids that PostgreSQL and its tools get. Others run them as themselves. */
export async function otherUser(
  files: Pick<Files, 'read'>,
  uid: number | undefined,
): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (uid !== 0) return undefined;
  const user = await databaseUser(files, uid);
  return { uid: user.uid, gid: user.gid };
}

function nameOf(uid: number | undefined): string {
  return uid === 0 ? `there is none of ${UNPRIVILEGED.join(', ')}` : `the user id ${uid} has no name`;
}

/** The lines of /etc/passwd: name, password, uid, gid and more. */
function parsePasswd(text: string): SystemUser[] {
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && !name.startsWith('#') && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}
