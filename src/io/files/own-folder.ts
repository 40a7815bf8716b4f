import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { CliError } from '../../model/errors.ts';
import type { Accounts } from './accounts.ts';

/** Who we are, where users and modes count. */
export interface Self {
  readonly uid: number;
  readonly accounts: Accounts;
  /** A CI job has its machine to itself, and no choice of the folders that it is given. */
  readonly isCi: boolean;
}

/** What lets others change what is in a folder. */
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
 * Walks to a folder from the root of the file system, through links too. Undefined when nobody but us, root and the user
 * `also` can change what is in it, nor put another in its place. As far as it is there: what is missing, only we can make.
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

/** The danger as an error: what it is, and the command that ends it. */
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
