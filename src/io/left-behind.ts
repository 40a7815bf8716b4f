import { readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { processTable } from './process-table.ts';
import type { ProcessHandle } from './processes.ts';

/** Empty where that cannot be seen, or no longer. */
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
