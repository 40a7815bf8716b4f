import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { systemCode } from '../../model/errors.ts';
import { withDeadline } from '../deadline.ts';
import type { Command } from './runner.ts';

export interface Daemon {
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** What it reads at its start; may contain secrets. */
  readonly stdin: string;
  /** Milliseconds until its first line; otherwise it is killed. */
  readonly timeoutMs: number;
  /** Only ends the waiting, not the program. */
  readonly signal: AbortSignal;
}

export interface Daemons {
  /**
   * Starts a program that outlives this one, in its own session, and waits for its first line on stdout, which says
   * that it has started. Rejects with its stderr if it exits without a line, and if none arrives in time.
   */
  start(command: Command, daemon: Daemon): Promise<string>;
}

export const systemDaemons: Daemons = {
  async start({ file, args }, { env, cwd, stdin, ...limits }) {
    limits.signal.throwIfAborted();
    const child = spawn(file, args, { env: env as NodeJS.ProcessEnv, cwd, detached: true, stdio: 'pipe' });
    try {
      return await withDeadline(limits, () => firstLine(child, stdin));
    } catch (error) {
      letGo(child);
      if (systemCode(error) !== 'ETIMEDOUT') throw error;
      child.kill('SIGKILL');
      throw new Error(`it did not start within ${limits.timeoutMs / 1000} s`);
    }
  },
};

function letGo(child: ChildProcessWithoutNullStreams): void {
  child.stdin.destroy();
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
}

function firstLine(child: ChildProcessWithoutNullStreams, stdin: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const end = stdout.indexOf('\n');
      if (end < 0) return;
      letGo(child);
      resolve(stdout.slice(0, end));
    });
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(stderr.trim() || `it exited with code ${code}`)));
    // A program that exits at once reads nothing; `close` then reports why it ended.
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
  });
}
