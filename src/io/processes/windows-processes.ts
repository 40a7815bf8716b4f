import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { systemCode } from '../../model/errors.ts';
import type { Kill } from './process-group.ts';

const ANSWER_MS = 10_000;
/** The identity of a running process whose start time is unknown. */
const RUNS = 'running';

/** Windows has no process groups, so a process and its descendants are ended at once instead. */
export function killOnWindows(kill: Kill, endTree: (pid: number) => unknown = taskkill): Kill {
  return (pid, signal) => {
    if (pid >= 0) return kill(pid, signal);
    // Throws if the process no longer exists.
    kill(-pid, 0);
    if (signal !== 0) endTree(-pid);
    return true;
  };
}

function taskkill(pid: number): void {
  spawnSync('taskkill.exe', ['/T', '/F', '/PID', `${pid}`], {
    stdio: 'ignore',
    timeout: ANSWER_MS,
    windowsHide: true,
  });
}

/** Implements `Processes.identity` with the start time from PowerShell. */
export async function identityOnWindows(
  pid: number,
  kill: Kill,
  startTime: (pid: number) => Promise<string> = askPowerShell,
): Promise<string | undefined> {
  try {
    kill(pid, 0);
  } catch (error) {
    // Any other error means that the process belongs to another user.
    if (systemCode(error) === 'ESRCH') return undefined;
  }
  return (await startTime(pid)) || RUNS;
}

/** Empty if it is unknown. */
async function askPowerShell(pid: number): Promise<string> {
  const command = `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`;
  return promisify(execFile)('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', command], {
    timeout: ANSWER_MS,
    windowsHide: true,
  }).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
}
