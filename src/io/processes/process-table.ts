import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';

export interface ProcessStat {
  readonly parent: number;
  readonly group: number;
  readonly startTime: string | undefined;
}

/**
 * Fields 4, 5 and 22 of `/proc/<pid>/stat`, counted from the end of the command name, which is in parentheses and may
 * itself contain spaces and parentheses. Undefined for a zombie, which has already ended.
 */
export function parseStat(stat: string): ProcessStat | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z') return undefined;
  return { parent: Number(fields[1]), group: Number(fields[2]), startTime: fields[19] };
}

/** Empty if the process has ended. Synchronous, because the thread pool would take ten times as long. */
function readOfProcess(pid: number, name: 'stat' | 'status'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

type ProcessTable = ReadonlyMap<number, ProcessStat>;

/**
 * All running processes, from `/proc`; undefined without it. Our own code, because libraries run `ps`,
 * whose start times are too coarse to distinguish a process from a later one with the same id.
 */
export function processTable(): ProcessTable | undefined {
  const table = new Map<number, ProcessStat>();
  try {
    for (const name of readdirSync('/proc')) {
      const text = /^\d+$/.test(name) ? readOfProcess(Number(name), 'stat') : '';
      const stat = text === '' ? undefined : parseStat(text);
      if (stat) table.set(Number(name), stat);
    }
  } catch {
    return undefined;
  }
  return table.size === 0 ? undefined : table;
}

/** The processes and all of their descendants. */
function withDescendants(table: ProcessTable, pids: readonly number[]): number[] {
  const family = new Set(pids);
  // Iterating over a set also visits members that are added meanwhile.
  for (const member of family) {
    for (const [pid, { parent }] of table) if (parent === member) family.add(pid);
  }
  return [...family];
}

/** The members of a group and their descendants, because PostgreSQL's workers have their own sessions. */
function familyOf(table: ProcessTable, group: number): number[] {
  return withDescendants(
    table,
    [...table].flatMap(([pid, stat]) => (stat.group === group ? [pid] : [])),
  );
}

/** All descendants of a process; none without `/proc`. */
export function descendantsOf(pid: number): number[] {
  return withDescendants(processTable() ?? new Map(), [pid]).slice(1);
}

/** The private memory of each plus the largest shared one. An exact count would have to walk all pages. */
function memoryOf(members: readonly number[]): number | undefined {
  const texts = members.map((pid) => readOfProcess(pid, 'status'));
  const size = (text: string, name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
  const own = texts.reduce((sum, text) => sum + size(text, 'RssAnon'), 0);
  const shared = texts.map((text) => size(text, 'RssFile') + size(text, 'RssShmem'));
  return own + Math.max(0, ...shared) || undefined;
}

/** See `Processes.groupMemory`. */
export function groupMemory(groups: readonly number[]): readonly (number | undefined)[] {
  const table = processTable();
  return groups.map((group) => (table ? memoryOf(familyOf(table, group)) : undefined));
}

/** Identifies a process even if its id is reused later. */
export interface ProcessHandle {
  readonly pid: number;
  readonly identity: string;
}

/** Empty if it cannot be read. */
function read(reader: () => string): string {
  try {
    return reader();
  } catch {
    return '';
  }
}

const workingFolder = (pid: number) => read(() => readlinkSync(`/proc/${pid}/cwd`));

const titleOf = (pid: number) => read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));

/** See `Processes.leftBehind`. */
export function leftBehind(folder: string, title: string): ProcessHandle[] {
  const real = read(() => realpathSync(folder));
  const worksThere = (pid: number) => real !== '' && workingFolder(pid) === real;
  return [...(processTable() ?? [])].flatMap(([pid, { parent, startTime = '' }]) =>
    worksThere(pid) && !worksThere(parent) && titleOf(pid).startsWith(title) ? [{ pid, identity: startTime }] : [],
  );
}
