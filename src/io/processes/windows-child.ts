import { constants } from 'node:os';
import type { InheritedChild } from './inherited-child.ts';
import { programOnWindows } from './windows-program.ts';

const NOT_FOUND = 127;

/** As `runInherited`. Most programs of npm are batch files there, which `spawn` refuses and execa starts by way of cmd. */
export async function runOnWindows(options: InheritedChild): Promise<number> {
  const { args, env, divertSignals, hasGot } = options;
  const file = programOnWindows(options.file, env);
  if (file === undefined) return NOT_FOUND;
  const { execa } = await import('execa');
  const child = execa(file, args, {
    env: env as NodeJS.ProcessEnv,
    extendEnv: false,
    stdio: 'inherit',
    reject: false,
    cleanup: false,
    windowsHide: false,
  });
  const giveBack = divertSignals((name) => {
    if (!hasGot(name)) child.kill(name);
  });
  const { exitCode, signal, code } = await child;
  giveBack();
  if (code === 'ENOENT') return NOT_FOUND;
  return exitCode ?? 128 + (signal ? constants.signals[signal] : 0);
}
