import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { systemCode } from '../errors.ts';
import type { Kill } from './process-group.ts';

export interface ProcessInfo {
  readonly pid: number;
  readonly command: string;
}

/** A process that is not mistaken for a later one with the same id. */
export interface ProcessHandle {
  readonly pid: number;
  readonly identity: string;
}

export interface Processes {
  /**
   * A text that is equal only for the same process: its start time. A process id alone is used again.
   * Undefined when there is no such process.
   */
  identity(pid: number): Promise<string | undefined>;
  /**
   * Signals a process, or with `group` all of its process group, when it still is the one of that identity; false when it
   * is not. A group whose leader has ended is signalled all the same.
   */
  signal(target: ProcessHandle, signal: NodeJS.Signals, options?: { readonly group?: boolean }): Promise<boolean>;
  /** Whether anything of this process group still runs, its leader or what that has left behind. */
  hasGroup(pid: number): Promise<boolean>;
  /** Bytes that each of these process groups uses, what its members share counted once; undefined where that cannot be seen. */
  groupMemory(pids: readonly number[]): Promise<readonly (number | undefined)[]>;
  /** The process that listens on a port, where that can be seen (Linux, own processes or as root). */
  listener(port: number): Promise<ProcessInfo | undefined>;
}

interface ProcessStat {
  readonly group: number;
  readonly startTime: string | undefined;
}

/**
 * Fields 5 and 22 of `/proc/<pid>/stat`. The fields are counted after the command's name, which is in brackets and may hold
 * spaces and brackets. A zombie has ended and only waits for its parent: it gives undefined.
 */
export function parseStat(stat: string): ProcessStat | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : { group: Number(fields[2]), startTime: fields[19] };
}

/** Inodes of the sockets that listen on the port, from `/proc/net/tcp` or `tcp6`. */
export function parseListeners(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${wanted}`) && fields[3] === '0A')
    .flatMap((fields) => (fields[9] ? [fields[9]] : []));
}

const quiet = <T>(promise: Promise<T>, fallback: T): Promise<T> => promise.catch(() => fallback);

async function holds(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const descriptors = await quiet(readdir(`/proc/${pid}/fd`), []);
  for (const descriptor of descriptors) {
    if (sockets.has(await quiet(readlink(`/proc/${pid}/fd/${descriptor}`), ''))) return true;
  }
  return false;
}

/** macOS has no /proc. Times are in UTC, since a machine can come into another zone while a process runs. */
async function ps(...args: string[]): Promise<string> {
  const [{ execFile }, { promisify }] = await Promise.all([import('node:child_process'), import('node:util')]);
  const done = promisify(execFile)('ps', args, { env: { LC_ALL: 'C', TZ: 'UTC' } });
  return quiet(
    done.then(({ stdout }) => stdout),
    '',
  );
}

/** `ps` gives the second of the start, and for a zombie the state `Z`. */
async function startedAt(pid: number): Promise<string | undefined> {
  const line = (await ps('-o', 'stat=,lstart=', '-p', String(pid))).trim();
  return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
}

/** Empty when it has ended. No disk is read: to wait in the thread pool for each of them takes ten times as long. */
function readOfProcess(pid: string, name: 'stat' | 'status'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

function runningProcesses(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** The processes of each group that run, by `/proc`; undefined where there is no such folder. */
function runningGroups(): ReadonlyMap<number, readonly string[]> | undefined {
  const pids = runningProcesses();
  if (pids.length === 0) return undefined;
  const groups = new Map<number, string[]>();
  for (const pid of pids) {
    const stat = readOfProcess(pid, 'stat');
    const group = stat ? parseStat(stat)?.group : undefined;
    if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), pid]);
  }
  return groups;
}

async function hasGroup(pid: number): Promise<boolean> {
  const groups = runningGroups();
  if (groups) return groups.has(pid);
  const lines = (await ps('-axo', 'pgid=,stat=')).split('\n').map((line) => line.trim().split(/\s+/));
  return lines.some(([group, state]) => group === String(pid) && !state?.startsWith('Z'));
}

/** What each has for itself, and once what the largest shares with others: an exact count walks all of their pages. */
function memoryOf(members: readonly string[]): number | undefined {
  const texts = members.map((pid) => readOfProcess(pid, 'status'));
  const size = (text: string, name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
  const own = texts.reduce((sum, text) => sum + size(text, 'RssAnon'), 0);
  const shared = texts.map((text) => size(text, 'RssFile') + size(text, 'RssShmem'));
  return own + Math.max(0, ...shared) || undefined;
}

async function groupMemory(pids: readonly number[]): Promise<readonly (number | undefined)[]> {
  const groups = runningGroups();
  return pids.map((pid) => memoryOf(groups?.get(pid) ?? []));
}

function send(kill: Kill, pid: number, signal: NodeJS.Signals): boolean {
  try {
    kill(pid, signal);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false;
    throw error;
  }
}

async function identityOf(pid: number): Promise<string | undefined> {
  const stat = await quiet(readFile(`/proc/${pid}/stat`, 'utf8'), '');
  if (stat !== '') return parseStat(stat)?.startTime;
  return (await quiet(readdir('/proc/self'), [])).length > 0 ? undefined : startedAt(pid);
}

export function systemProcesses(kill: Kill): Processes {
  return {
    identity: identityOf,
    async signal({ pid, identity }, signal, { group = false } = {}) {
      const now = await identityOf(pid);
      if (now !== identity && (now !== undefined || !group)) return false;
      return send(kill, group ? -pid : pid, signal);
    },
    hasGroup,
    groupMemory,
    async listener(port) {
      const tables = await Promise.all(
        ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => quiet(readFile(path, 'utf8'), '')),
      );
      const sockets = new Set(
        tables.flatMap((table) => parseListeners(table, port)).map((inode) => `socket:[${inode}]`),
      );
      if (sockets.size === 0) return undefined;
      for (const pid of (await quiet(readdir('/proc'), [])).filter((name) => /^\d+$/.test(name))) {
        if (!(await holds(pid, sockets))) continue;
        const command = await quiet(readFile(`/proc/${pid}/comm`, 'utf8'), '');
        return { pid: Number(pid), command: command.trim() || 'unknown' };
      }
      return undefined;
    },
  };
}
