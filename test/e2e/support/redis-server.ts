import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

export const missingRedis = hasRedis() ? undefined : 'there is no redis-server on the PATH';

function hasRedis(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A Redis that keeps nothing on disk, reachable from containers too; returns what ends it. */
export async function startRedis(port: number): Promise<() => Promise<void>> {
  const args = ['--port', String(port), '--bind', '0.0.0.0', '--protected-mode', 'no', '--save', '', '--dir', '/'];
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  for (let looks = 0; looks < 100 && !(await answers(port)); looks += 1) await new Promise((r) => setTimeout(r, 50));
  return () => end(server);
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  server.kill('SIGTERM');
  await once(server, 'exit');
}

function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    const say = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', () => say(true)).once('error', () => say(false));
  });
}
