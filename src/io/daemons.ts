import { spawn } from 'node:child_process';
import type { Command } from './runner.ts';

export interface Daemon {
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** What it reads first; here secrets may go. */
  readonly stdin: string;
}

export interface Daemons {
  /**
   * Starts a program that outlives this one, in a session of its own, and waits for its first line on stdout, which says
   * that it has begun. Rejects with what it wrote to stderr when it ends without one.
   */
  start(command: Command, daemon: Daemon): Promise<string>;
}

export const systemDaemons: Daemons = {
  start({ file, args }, { env, cwd, stdin }) {
    return new Promise((resolve, reject) => {
      const child = spawn(file, args, { env: env as NodeJS.ProcessEnv, cwd, detached: true, stdio: 'pipe' });
      let stdout = '';
      let stderr = '';
      const letGo = () => {
        child.stdin.destroy();
        child.stdout.destroy();
        child.stderr.destroy();
        child.unref();
      };
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        const end = stdout.indexOf('\n');
        if (end < 0) return;
        letGo();
        resolve(stdout.slice(0, end));
      });
      child.once('error', reject);
      child.once('close', (code) => reject(new Error(stderr.trim() || `it ended with exit code ${code}`)));
      // A program that ends at once reads nothing; why it ended is told by `close`.
      child.stdin.on('error', () => undefined);
      child.stdin.end(stdin);
    });
  },
};
