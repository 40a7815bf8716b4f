import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { systemCode } from '../../model/errors.ts';
import type { Interrupts, StopSignal } from '../terminal/interrupts.ts';

export interface InheritedChild {
  readonly file: string;
  readonly args: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs the function that starts the child, because a child inherits the umask of that moment. */
  readonly withUserUmask: <Result>(start: () => Result) => Result;
  /** Signals belong to the child while it runs. */
  readonly divertSignals: Interrupts['divertSignals'];
  /** Whether the child has already received this signal. */
  readonly hasGot: (name: StopSignal) => boolean;
}

/** Runs a program on this terminal and returns its exit code: 128 + n if signal n ended it, 127 not found, 126 not executable. */
export function runInherited(options: InheritedChild): Promise<number> {
  return new Promise((resolve, reject) => {
    const { file, args, env, divertSignals, hasGot } = options;
    const child = options.withUserUmask(() => spawn(file, args, { env: env as NodeJS.ProcessEnv, stdio: 'inherit' }));
    const giveBack = divertSignals((name) => {
      if (!hasGot(name)) child.kill(name);
    });
    child.once('error', (error) => {
      giveBack();
      const code = systemCode(error);
      if (code === 'ENOENT') resolve(127);
      else if (code === 'EACCES') resolve(126);
      else reject(error);
    });
    child.once('close', (code, name) => {
      giveBack();
      resolve(code ?? 128 + (name ? constants.signals[name] : 0));
    });
  });
}
