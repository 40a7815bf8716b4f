import { readdir, readFile } from 'node:fs/promises';
import { systemCode } from '../../model/errors.ts';
import type { Connection, Served } from '../network/connection.ts';
import type { Listener } from '../network/listener.ts';
import type { Kill } from './process-group.ts';
import { groupMemory, leftBehind, type ProcessHandle, parseStat, processTable } from './process-table.ts';

export interface Processes {
  /**
   * Identifies a process by its start time, because process ids are reused.
   * Undefined if there is no such process.
   */
  identity(pid: number): Promise<string | undefined>;
  /**
   * Signals a process, or with `group` its whole process group, if it still has that identity; false if it
   * has not. A group whose leader has ended is signalled too.
   */
  signal(target: ProcessHandle, signal: NodeJS.Signals, options?: { readonly group?: boolean }): Promise<boolean>;
  /** Whether any process of this group is still running. */
  hasGroup(pid: number): Promise<boolean>;
  /**
   * Memory of each of these process groups in bytes, including descendants and counting shared memory once;
   * undefined if unknown.
   */
  groupMemory(pids: readonly number[]): Promise<readonly (number | undefined)[]>;
  /**
   * Processes with this title and working folder whose parent is elsewhere: workers that have lost their server. None if
   * it is unknown (needs Linux, and own processes or root).
   */
  leftBehind(folder: string, title: string): Promise<readonly ProcessHandle[]>;
  /** Who listens on a port; undefined if nobody does or if it is unknown. */
  listener(port: number): Promise<Listener | undefined>;
  /** Whether a process or one of its descendants is at the other end of a local connection. */
  serves(pid: number, connection: Connection): Promise<Served>;
  /** The user id at the other end; undefined if it is unknown or on another machine. */
  servedBy(connection: Connection): Promise<number | undefined>;
}

const quiet = <T>(promise: Promise<T>, fallback: T): Promise<T> => promise.catch(() => fallback);

/** For macOS, which has no /proc. Times are in UTC, because the time zone can change while a process runs. */
async function ps(...args: string[]): Promise<string> {
  const [{ execFile }, { promisify }] = await Promise.all([import('node:child_process'), import('node:util')]);
  const done = promisify(execFile)('ps', args, {
    env: { LC_ALL: 'C', TZ: 'UTC' },
    timeout: 10_000,
    killSignal: 'SIGKILL',
  });
  return quiet(
    done.then(({ stdout }) => stdout),
    '',
  );
}

/** `ps` prints the start time in seconds, and the state `Z` for a zombie. */
async function startedAt(pid: number): Promise<string | undefined> {
  const line = (await ps('-o', 'stat=,lstart=', '-p', String(pid))).trim();
  return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
}

async function hasGroup(pid: number): Promise<boolean> {
  const table = processTable();
  if (table) return [...table.values()].some(({ group }) => group === pid);
  const lines = (await ps('-axo', 'pgid=,stat=')).split('\n').map((line) => line.trim().split(/\s+/));
  return lines.some(([group, state]) => group === String(pid) && !state?.startsWith('Z'));
}

const ENDING: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];

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

/** `identity` is for systems other than Linux and macOS. */
export function systemProcesses(kill: Kill, identity: Processes['identity'] = identityOf): Processes {
  return {
    identity,
    async signal({ pid, identity: wanted }, signal, { group = false } = {}) {
      const current = await identity(pid);
      if (current !== wanted && (current !== undefined || !group)) return false;
      const target = group ? -pid : pid;
      // A stopped process (SIGSTOP) only handles the signal once it continues.
      const sent = send(kill, target, signal);
      if (sent && ENDING.includes(signal)) send(kill, target, 'SIGCONT');
      return sent;
    },
    hasGroup,
    groupMemory: async (pids) => groupMemory(pids),
    leftBehind: async (folder, title) => leftBehind(folder, title),
    // Loaded on first use.
    listener: async (port) => (await import('../network/listener.ts')).listener(port),
    serves: async (pid, connection) => (await import('../network/served-by.ts')).serves(pid, connection),
    servedBy: async (connection) => (await import('../network/served-by.ts')).servedBy(connection),
  };
}
