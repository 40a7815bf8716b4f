import { basename } from 'node:path';
import type { Command, RunResult } from '../../../io/processes/runner.ts';
import { type PythonOptions, UV_FOLDER, withoutPython } from './python.ts';

/** Less free space than this is not enough for any step. */
const LEAST_KILOBYTES = 10_240;

/** A large package prints nothing while it is downloaded, nor does the compiler. pip and uv have timeouts of their own. */
const IDLE_MS = 900_000;
/** For `du` on a slow disk. */
const QUERY_MS = 120_000;

export async function runInstaller(
  command: Command,
  { runner, env, signal }: PythonOptions,
  onLine?: (line: string) => void,
): Promise<RunResult> {
  const lines: string[] = [];
  const result = await runner.run(command, {
    env: withoutPython(env),
    signal,
    timeoutMs: onLine ? null : QUERY_MS,
    ...(basename(command.file) === 'uv' && { cwd: UV_FOLDER }),
    ...(onLine && {
      // An installer that outlives us would damage the folder together with the next one.
      bound: true,
      idleMs: IDLE_MS,
      onLine(line: string) {
        lines.push(line);
        onLine(line);
      },
    }),
  });
  return onLine ? { ...result, stdout: lines.slice(-200).join('\n') } : result;
}

/** The size of a folder in bytes. */
export async function sizeOnDisk(folder: string, options: PythonOptions): Promise<number> {
  const { stdout } = await runInstaller({ file: 'du', args: ['-sk', folder] }, options);
  return (Number.parseInt(stdout, 10) || 0) * 1024;
}

/** Checked because venv does not report why it failed. */
export async function isFull(folder: string, options: PythonOptions): Promise<boolean> {
  const { stdout } = await runInstaller({ file: 'df', args: ['-Pk', folder] }, options);
  const free = Number(stdout.trim().split('\n').at(-1)?.split(/\s+/)[3]);
  return free < LEAST_KILOBYTES;
}
