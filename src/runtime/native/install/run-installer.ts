import { basename } from 'node:path';
import type { Command, RunResult } from '../../../io/processes/runner.ts';
import { type PythonOptions, UV_FOLDER, withoutPython } from './python.ts';

/** What no step of it can do with less of. */
const LEAST_KILOBYTES = 10_240;

/** A big package says nothing while it comes, nor does the compiler; pip and uv bound the silence of a connection themselves. */
const IDLE_MS = 900_000;
/** `du` on a slow disk. */
const LOOK_MS = 120_000;

export async function runInstaller(
  command: Command,
  { runner, env, signal }: PythonOptions,
  onLine?: (line: string) => void,
): Promise<RunResult> {
  const lines: string[] = [];
  const result = await runner.run(command, {
    env: withoutPython(env),
    signal,
    timeoutMs: onLine ? null : LOOK_MS,
    ...(basename(command.file) === 'uv' && { cwd: UV_FOLDER }),
    ...(onLine && {
      // Two that fill one folder would spoil it: what we have begun must not go on without us.
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

/** In bytes. */
export async function sizeOnDisk(folder: string, options: PythonOptions): Promise<number> {
  const { stdout } = await runInstaller({ file: 'du', args: ['-sk', folder] }, options);
  return (Number.parseInt(stdout, 10) || 0) * 1024;
}

/** venv keeps to itself why it failed. */
export async function isFull(folder: string, options: PythonOptions): Promise<boolean> {
  const { stdout } = await runInstaller({ file: 'df', args: ['-Pk', folder] }, options);
  const free = Number(stdout.trim().split('\n').at(-1)?.split(/\s+/)[3]);
  return free < LEAST_KILOBYTES;
}
