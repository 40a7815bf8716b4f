import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type SystemProgram, systemProgram } from '../processes/windows-program.ts';

/** Who may use files on Windows, where modes mean nothing. */
export interface AccessLists {
  /** Leaves a folder, with all that is or will be in it, to this user and to Windows itself. False when that fails. */
  close(folder: string): Promise<boolean>;
  /** The paths that other users can use too; undefined if that is unknown. */
  open(paths: readonly string[]): Promise<readonly string[] | undefined>;
}

/** A program's stdout; fails when it does. */
export type AskWindows = (
  program: SystemProgram,
  args: readonly string[],
  env?: Record<string, string>,
) => Promise<string>;

const SYSTEM = 'S-1-5-18';
const ADMINISTRATORS = 'S-1-5-32-544';
/** Everyone, all who are signed in, and the group of all users. */
const ALL = ['S-1-1-0', 'S-1-5-11', 'S-1-5-32-545'];

/** `account` is the user's name, for where their id cannot be had. */
export function accessListsBy(account: string, ask: AskWindows): AccessLists {
  return {
    async close(folder) {
      const user = sidIn(await ask('whoami.exe', ['/user', '/fo', 'csv', '/nh']).catch(() => '')) ?? account;
      return ask('icacls.exe', closeArgs(folder, user)).then(
        () => true,
        () => false,
      );
    },
    async open(paths) {
      // No name of a file has a bar, and in the environment no quoting is needed.
      const listed = await ask('powershell.exe', READ, { AGENTS_LLM_PATHS: paths.join('|') }).catch(() => '');
      const [user = '', ...lists] = listed.split(/\r?\n/).filter((line) => line !== '');
      if (lists.length !== paths.length) return undefined;
      return paths.filter((_, at) => isOpenTo(lists[at] ?? '', user));
    },
  };
}

/** By ids: the names of groups are other ones in each language. */
export function closeArgs(folder: string, user: string): readonly string[] {
  const owners = [user.startsWith('S-1-') ? `*${user}` : user, `*${SYSTEM}`, `*${ADMINISTRATORS}`];
  const grants = owners.flatMap((owner) => ['/grant:r', `${owner}:(OI)(CI)F`]);
  return [folder, '/inheritance:r', ...ALL.flatMap((sid) => ['/remove:g', `*${sid}`]), ...grants, '/q'];
}

const READ = [
  '-NoProfile',
  '-NonInteractive',
  '-Command',
  "[Security.Principal.WindowsIdentity]::GetCurrent().User.Value; $env:AGENTS_LLM_PATHS -split '\\|' | ForEach-Object { (Get-Acl -LiteralPath $_).Sddl }",
];

const sidIn = (text: string) => /S-1-[\d-]+/.exec(text)?.[0];

/** As SDDL writes them: Windows, its administrators, and whoever is or was the owner. */
const HARMLESS: readonly string[] = ['SY', 'BA', 'CO', 'OW', SYSTEM, ADMINISTRATORS];

/** Whether an access list in SDDL allows anything to another user than that one. A missing list allows all. */
export function isOpenTo(sddl: string, user: string): boolean {
  const list = /D:(?!NO_ACCESS_CONTROL)([A-Z]*)((?:\([^)]*\))*)/.exec(sddl)?.[2];
  if (list === undefined) return true;
  return [...list.matchAll(/\(([^)]*)\)/g)].some(([, entry = '']) => {
    const [type, , , , , who = ''] = entry.split(';');
    return type === 'A' && who !== user && !HARMLESS.includes(who);
  });
}

const ANSWER_MS = 10_000;

export function windowsAccessLists(env: Readonly<Record<string, string | undefined>>): AccessLists {
  const { USERDOMAIN = '', USERNAME = '' } = env;
  return accessListsBy(USERDOMAIN === '' ? USERNAME : `${USERDOMAIN}\\${USERNAME}`, async (program, args, more) => {
    const options = { timeout: ANSWER_MS, windowsHide: true, env: { ...env, ...more } };
    return (await promisify(execFile)(systemProgram(program, env), [...args], options)).stdout;
  });
}
