import { readdir, readFile } from 'node:fs/promises';
import { systemCode } from '../../model/errors.ts';
import type { Connection, Served } from '../network/connection.ts';
import type { Listener } from '../network/listener.ts';
import type { Kill } from './process-group.ts';
import { groupMemory, leftBehind, type ProcessHandle, parseStat, processTable } from './process-table.ts';

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
  /**
   * Bytes that each of these process groups uses, with all that its members have started and what they share counted once;
   * undefined where that cannot be seen.
   */
  groupMemory(pids: readonly number[]): Promise<readonly (number | undefined)[]>;
  /**
   * What works in a folder under such a title, while its parent does not: workers that have lost their server. None where
   * that cannot be seen (Linux, own processes or with all rights of root).
   */
  leftBehind(folder: string, title: string): Promise<readonly ProcessHandle[]>;
  /** Who listens on a port; undefined when nobody does, or where that cannot be seen. */
  listener(port: number): Promise<Listener | undefined>;
  /** Whether a process, or one that it has started, is at the other end of a connection of this machine. */
  serves(pid: number, connection: Connection): Promise<Served>;
  /** The id of the user at the other end; undefined where that cannot be seen, or it is on another machine. */
  servedBy(connection: Connection): Promise<number | undefined>;
}

const quiet = <T>(promise: Promise<T>, fallback: T): Promise<T> => promise.catch(() => fallback);

/** macOS has no /proc. Times are in UTC, since a machine can come into another zone while a process runs. */
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

/** `ps` gives the second of the start, and for a zombie the state `Z`. */
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

/** `identity` is this system's, where it is another than that of Linux and macOS. */
export function systemProcesses(kill: Kill, identity: Processes['identity'] = identityOf): Processes {
  return {
    identity,
    async signal({ pid, identity: wanted }, signal, { group = false } = {}) {
      const current = await identity(pid);
      if (current !== wanted && (current !== undefined || !group)) return false;
      const target = group ? -pid : pid;
      // What was stopped (SIGSTOP) hears of its end only when it goes on.
      const sent = send(kill, target, signal);
      if (sent && ENDING.includes(signal)) send(kill, target, 'SIGCONT');
      return sent;
    },
    hasGroup,
    groupMemory: async (pids) => groupMemory(pids),
    leftBehind: async (folder, title) => leftBehind(folder, title),
    // Loaded by those that look.
    listener: async (port) => (await import('../network/listener.ts')).listener(port),
    serves: async (pid, connection) => (await import('../network/served-by.ts')).serves(pid, connection),
    servedBy: async (connection) => (await import('../network/served-by.ts')).servedBy(connection),
  };
}
