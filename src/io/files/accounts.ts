import { readFile } from 'node:fs/promises';

/** The users of this machine, to tell whether a file's owner is a real user. */
export interface Accounts {
  /** Whether the id belongs to a user here: containers often have folders owned by an id without a user. */
  hasUser(uid: number): Promise<boolean>;
  /** Whether a group has no members except this user and root. */
  isPrivateGroup(gid: number, uid: number): Promise<boolean>;
}

interface AccountsOptions {
  readonly platform: string;
  /** The text of a file, `''` when it cannot be read. */
  readonly read: (path: string) => Promise<string>;
  /** What a program prints; `''` when it fails or is not there. */
  readonly ask: (file: string, args: readonly string[]) => Promise<string>;
}

const ROOT = 0;
/** Members of both may become root anyway: `wheel`, and on macOS `admin`. */
const MACOS_ROOT = [0, 80];
/** The id that the kernel shows for every id that a user namespace does not map. */
const UNMAPPED = 65_534;

const rowsOf = (text: string) => text.split('\n').map((line) => line.split(':'));

export function accountsBy({ platform, read, ask }: AccountsOptions): Accounts {
  const passwd = async () => rowsOf(await read('/etc/passwd'));
  return {
    async hasUser(uid) {
      if (uid === UNMAPPED && (await isNamespace(read))) return false;
      if ((await passwd()).some(([, , id]) => id === String(uid))) return true;
      return (await ask('id', ['-un', String(uid)])).trim() !== '';
    },
    async isPrivateGroup(gid, uid) {
      if (platform === 'darwin') return MACOS_ROOT.includes(gid);
      // Also the primary group of system accounts.
      if (gid === ROOT) return true;
      const users = await passwd();
      const own = users.filter(([, , id]) => id === String(uid) || id === String(ROOT)).map(([name]) => name);
      const strangers = users.filter(([, , id, first]) => first === String(gid) && ![uid, ROOT].includes(Number(id)));
      if (strangers.length > 0) return false;
      const local = rowsOf(await read('/etc/group')).find(([, , id]) => id === String(gid));
      const [name, , , members = ''] = local ?? rowsOf(await ask('getent', ['group', String(gid)]))[0] ?? [];
      if (members.split(',').some((member) => member.trim() !== '' && !own.includes(member.trim()))) return false;
      // A directory service does not list whose primary group it is; by convention a private group is named after its user.
      return local !== undefined || !name || own.includes(name);
    },
  };
}

/** Whether ids are mapped: a namespace that maps every id to itself does not count. */
async function isNamespace(read: AccountsOptions['read']): Promise<boolean> {
  const map = (await read('/proc/self/uid_map')).trim();
  return map !== '' && !/^0\s+0\s+4294967295$/.test(map);
}

export function systemAccounts(platform: string): Accounts {
  return accountsBy({
    platform,
    read: (path) => readFile(path, 'utf8').catch(() => ''),
    async ask(file, args) {
      const { execFile } = await import('node:child_process');
      const options = { timeout: 5000, env: { PATH: '/usr/bin:/bin' } };
      return new Promise((resolve) => {
        execFile(file, args, options, (error, stdout) => resolve(error ? '' : stdout));
      });
    },
  });
}
