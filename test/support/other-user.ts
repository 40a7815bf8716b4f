import { spawn } from 'node:child_process';
import process from 'node:process';

export const STRANGER = 4242;

/** Why the tests cannot act as another user here. */
export const noOtherUser = process.getuid?.() === 0 ? undefined : 'only root can play another user';

/** Runs a script as another local user of this machine, again and again until it is told to end. */
export async function playOtherUser(script: string, ...args: readonly string[]): Promise<() => Promise<void>> {
  const loop = `const fs = require('node:fs');
    const args = process.argv.slice(1);
    const attack = () => { ${script} };
    process.stdout.write('ready');
    const again = () => { try { attack(); } catch {} setImmediate(again); };
    again();`;
  const user = [`--reuid=${STRANGER}`, `--regid=${STRANGER}`, '--clear-groups'];
  const child = spawn('setpriv', [...user, process.execPath, '-e', loop, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.stdout.once('data', () => resolve());
  });
  return () => {
    child.kill('SIGKILL');
    return ended;
  };
}
