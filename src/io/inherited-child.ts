import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { systemCode } from '../errors.ts';

export interface InheritedChild {
  readonly file: string;
  readonly args: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Passed on to the child when it is aborted. */
  readonly signal: AbortSignal;
  /** The signal that an abort stands for; undefined when the child has got it already. */
  readonly signalOf: (reason: unknown) => NodeJS.Signals | undefined;
}

/** Runs a program on this terminal and gives its exit code: 128 + n when it died of signal n, 127 not found, 126 not executable. */
export function runInherited({ file, args, env, signal, signalOf }: InheritedChild): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: env as NodeJS.ProcessEnv, stdio: 'inherit' });
    const passOn = () => {
      const name = signalOf(signal.reason);
      if (name) child.kill(name);
    };
    signal.addEventListener('abort', passOn, { once: true });
    child.once('error', (error) => {
      const code = systemCode(error);
      if (code === 'ENOENT') resolve(127);
      else if (code === 'EACCES') resolve(126);
      else reject(error);
    });
    child.once('close', (code, name) => {
      signal.removeEventListener('abort', passOn);
      resolve(code ?? 128 + (name ? constants.signals[name] : 0));
    });
  });
}
