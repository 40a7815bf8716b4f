import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { systemCode } from '../../model/errors.ts';
import type { Kill } from './process-group.ts';

const ANSWER_MS = 10_000;
/** What is said of a process that runs, when nothing tells when it was started. */
const RUNS = 'running';

/** Windows has no process groups: a process with all that it has started stands for one, and is ended at once. */
export function killOnWindows(kill: Kill, endTree: (pid: number) => unknown = taskkill): Kill {
  return (pid, signal) => {
    if (pid >= 0) return kill(pid, signal);
    // Fails when it is gone.
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

/** As `Processes.identity`: when the process was started, as PowerShell tells it. */
export async function identityOnWindows(
  pid: number,
  kill: Kill,
  startTime: (pid: number) => Promise<string> = askPowerShell,
): Promise<string | undefined> {
  try {
    kill(pid, 0);
  } catch (error) {
    // Another answer than that there is no such process: it is another user's.
    if (systemCode(error) === 'ESRCH') return undefined;
  }
  return (await startTime(pid)) || RUNS;
}

/** Empty when it cannot tell. */
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
