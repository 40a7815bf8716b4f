import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { CliError } from '../../model/errors.ts';
import type { Accounts } from './accounts.ts';

/** The current user, on systems with user ids and modes. */
export interface Self {
  readonly uid: number;
  readonly accounts: Accounts;
  /** A CI job has the machine to itself and cannot choose its folders. */
  readonly isCi: boolean;
}

/** Why others can change the contents of a folder. */
export interface FolderDanger {
  readonly kind: 'owner' | 'mode' | 'link';
  /** The folder itself, or one on the way to it. */
  readonly path: string;
  readonly owner: number;
  readonly mode: number;
}

const MOST_LINKS = 40;
const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;

/**
 * Walks from the root of the file system to a folder, following links. Undefined if nobody except us, root and the user
 * `also` can change its contents or replace it. Missing parts are fine, because only we can create them.
 */
export async function folderDanger(path: string, self: Self, also?: number): Promise<FolderDanger | undefined> {
  const ours = [0, self.uid, ...(also === undefined ? [] : [also])];
  const pending = namesOf(resolve(path));
  let at = '/';
  let links = 0;
  for (;;) {
    const found = look(at);
    if (!found?.isDirectory()) return undefined;
    const danger = await judge({ path: at, owner: found.uid, mode: found.mode & 0o7777 }, found.gid, {
      self,
      ours,
      isLast: pending.length === 0,
    });
    const name = pending.shift();
    if (danger || name === undefined) return danger;
    const next = name === '..' ? dirname(at) : join(at, name);
    const entry = look(next);
    if (!entry?.isSymbolicLink()) {
      at = next;
      continue;
    }
    // Whoever owns the link, only those who can write to its folder can replace it.
    const isOpen = (found.mode & (WRITABLE_BY_ALL | WRITABLE_BY_GROUP)) !== 0;
    if (isOpen && !ours.includes(entry.uid)) return { kind: 'link', path: next, owner: entry.uid, mode: 0o777 };
    links += 1;
    if (links > MOST_LINKS) return undefined;
    const target = readlinkSync(next);
    pending.unshift(...namesOf(target));
    if (isAbsolute(target)) at = '/';
  }
}

const namesOf = (path: string) => path.split('/').filter((name) => name !== '' && name !== '.');

/** Undefined for what is missing or cannot be examined: the next system call will report it. */
function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

async function judge(
  folder: Omit<FolderDanger, 'kind'>,
  gid: number,
  { self, ours, isLast }: { readonly self: Self; readonly ours: readonly number[]; readonly isLast: boolean },
): Promise<FolderDanger | undefined> {
  const { owner, mode } = folder;
  if (!ours.includes(owner) && (isLast || (!self.isCi && (await self.accounts.hasUser(owner))))) {
    return { kind: 'owner', ...folder };
  }
  // In a sticky folder such as /tmp others can make entries, but neither rename nor remove ours.
  if (!isLast && (self.isCi || (mode & STICKY) !== 0)) return undefined;
  const isOpen =
    (mode & WRITABLE_BY_ALL) !== 0 ||
    ((mode & WRITABLE_BY_GROUP) !== 0 && !(await self.accounts.isPrivateGroup(gid, self.uid)));
  return isOpen ? { kind: 'mode', ...folder } : undefined;
}

/** The danger as an error, with the command that removes it. */
export function folderUnsafe(folder: string, danger: FolderDanger, uid: number): CliError {
  const { kind, path, owner, mode } = danger;
  const details = { path, folder, owner, uid, mode: mode.toString(8).padStart(4, '0') };
  const isItself = path === resolve(folder);
  const elsewhere = "Or keep the stack's files elsewhere: AGENTS_LLM_HOME=/another/folder agents-llm up";
  if (kind === 'owner') {
    const whose = `belongs to another user (id ${owner}, but you are ${uid})`;
    return new CliError('state_not_ours', `${path}${isItself ? '' : `, above ${folder},`} ${whose}`, {
      hint: `Run this command as that user (without sudo if the stack was created without it)\n${elsewhere}`,
      details,
    });
  }
  if (kind === 'link') {
    return new CliError('folder_unsafe', `${path} is a symbolic link created by another user (id ${owner})`, {
      hint: `Remove it: sudo rm ${path}\n${elsewhere}`,
      details,
    });
  }
  const seen = `Other users can write to ${path} (mode ${details.mode})`;
  return new CliError('folder_unsafe', isItself ? seen : `${seen} and can therefore replace ${folder}`, {
    hint: modeHint(danger, uid, elsewhere),
    details,
  });
}

function modeHint({ path, mode, owner }: FolderDanger, uid: number, elsewhere: string): string {
  if ((mode & STICKY) !== 0) return `Use a folder of your own inside it: AGENTS_LLM_HOME=${join(path, 'agents-llm')}`;
  const who = `${(mode & WRITABLE_BY_GROUP) !== 0 ? 'g' : ''}${(mode & WRITABLE_BY_ALL) !== 0 ? 'o' : ''}`;
  const command = `${owner === uid ? '' : 'sudo '}chmod ${who}-w ${path}`;
  return `Take their write access away: ${command}\n${elsewhere}`;
}
