import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { systemCode } from '../../model/errors.ts';
import type { Kill } from './process-group.ts';
import { systemProgram } from './windows-program.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const ANSWER_MS = 10_000;
/** The identity of a running process whose start time is unknown. */
const RUNS = 'running';

/** Windows has no process groups, so a process and its descendants are ended at once instead. */
export function killOnWindows(kill: Kill, endTree: (pid: number) => unknown): Kill {
  return (pid, signal) => {
    if (pid >= 0) return kill(pid, signal);
    // Throws if the process no longer exists.
    kill(-pid, 0);
    if (signal !== 0) endTree(-pid);
    return true;
  };
}

/** Ends a process and its descendants. */
export function taskkill(env: Environment): (pid: number) => void {
  const options = { stdio: 'ignore', timeout: ANSWER_MS, windowsHide: true } as const;
  return (pid) => void spawnSync(systemProgram('taskkill.exe', env), ['/T', '/F', '/PID', `${pid}`], options);
}

/** Implements `Processes.identity` with the start time from PowerShell. */
export async function identityOnWindows(
  pid: number,
  kill: Kill,
  startTime: (pid: number) => Promise<string>,
): Promise<string | undefined> {
  try {
    kill(pid, 0);
  } catch (error) {
    // Any other error means that the process belongs to another user.
    if (systemCode(error) === 'ESRCH') return undefined;
  }
  return (await startTime(pid)) || RUNS;
}

/** The start time of a process; empty if it is unknown. */
export function startTimeByPowerShell(env: Environment): (pid: number) => Promise<string> {
  const options = { timeout: ANSWER_MS, windowsHide: true };
  return async (pid) => {
    const command = `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`;
    const args = ['-NoProfile', '-NonInteractive', '-Command', command];
    try {
      return (await promisify(execFile)(systemProgram('powershell.exe', env), args, options)).stdout.trim();
    } catch {
      // Where a policy blocks PowerShell, this is thrown at once.
      return '';
    }
  };
}
