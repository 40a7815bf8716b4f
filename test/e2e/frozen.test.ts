import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { type Cli, createCli } from './support/cli.ts';
import { docker } from './support/docker.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOn, describeOnEach, onDocker, recordOf, runtimes } from './support/stack-under-test.ts';

const PROJECT = 'e2e-frozen';
const PORT = String(await freePort());
/** The longest check on a busy machine. */
const SOON_MS = 45_000;

type Peer = 'litellm' | 'litellm-db' | 'the query engine';

const lines = (text: string) => text.trim().split(/\s+/).map(Number);
const pgrep = (...args: string[]) => lines(execFileSync('pgrep', args, { encoding: 'utf8' }));

/** False when there is no such process any more. */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Commands that wait for a peer that accepts connections but never answers: each one ends with the right code. */
describeOnEach(runtimes)('a stack with one frozen part', (stack) => {
  let cli: Cli;
  let before: ReturnType<typeof snapshot>;
  const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args]);

  function processesOf(peer: Peer): number[] {
    if (stack.runtime === 'docker') {
      return lines(docker('top', `${PROJECT}-${peer}-1`, '-eo', 'pid').replace(/^\s*PID/, ''));
    }
    if (peer === 'the query engine') {
      return pgrep('-g', String(recordOf(cli, PROJECT, 'litellm').child.pid), '-f', 'query-engine');
    }
    const { pid } = recordOf(cli, PROJECT, peer).child;
    return peer === 'litellm' ? pgrep('-g', String(pid)) : [pid, ...pgrep('-P', String(pid))];
  }

  function freeze(peer: Peer): void {
    const pids = new Set<number>();
    // Repeats until nothing new is found, because a process can start another one before its signal.
    for (let look = 0; look < 2; look += 1) {
      for (const pid of processesOf(peer)) if (signal(pid, 'SIGSTOP')) pids.add(pid);
    }
    expect(pids.size).toBeGreaterThan(0);
    onTestFinished(() => {
      for (const pid of pids) signal(pid, 'SIGCONT');
    });
  }

  /** Side by side, each with how long it took. */
  const all = (commands: readonly string[]) =>
    Promise.all(
      commands.map(async (command) => {
        const began = Date.now();
        const result = await run('--json', ...command.split(' '));
        expect(Date.now() - began, command).toBeLessThan(SOON_MS);
        return [command, result.code, result.json.error?.code ?? result.json.data.state ?? null] as const;
      }),
    );

  const configFile = () => join(cli.home, 'frozen.yaml');

  beforeAll(async () => {
    stack.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(stack);
    expect((await run('up', '--port', PORT)).code).toBe(0);
    expect((await run('backup')).code).toBe(0);
    writeFileSync(configFile(), 'keys:\n  service: { models: [gpt-5] }\n');
  });

  afterAll(() => {
    stack.remove(cli, PROJECT);
    cli.dispose();
    expectNoLeaks(before);
  });

  const admin = ['key list', 'alias list', 'provider list', 'provision-key', 'env', 'run -- true'];
  const apply = () => `apply --file ${configFile()}`;
  /** These ask neither the gateway nor the database. */
  const readsFiles = async (peer: Peer) => {
    const files = `export compose -o ${join(cli.home, `exported-${peer}`)}`;
    expect(await all(['upgrade', files])).toEqual([
      ['upgrade', 0, null],
      [files, 0, null],
    ]);
    expect((await run('logs', '-n', '1')).code).toBe(0);
  };

  it('reports a frozen gateway as hung', async () => {
    freeze('litellm');
    expect(await all([...admin, apply(), 'status', 'verify-persistence'])).toEqual([
      ...[...admin, apply()].map((command) => [command, 7, 'not_responding']),
      ['status', 7, 'not-responding'],
      ['verify-persistence', 7, 'not_responding'],
    ]);
    const doctor = (await run('doctor', '--json')).json.data.checks as { id: string; code: string | null }[];
    expect(doctor.find(({ id }) => id === 'readiness')?.code).toBe('not_responding');
    await readsFiles('litellm');
  });

  it('reports that the gateway has lost a frozen database and SQL does not respond', async () => {
    freeze('litellm-db');
    expect(await all([...admin, apply(), 'status', 'backup'])).toEqual([
      ...[...admin, apply()].map((command) => [command, 7, 'database_lost']),
      ['status', 7, 'unhealthy'],
      ['backup', 7, 'database_failed'],
    ]);
    expect((await run('doctor')).code).toBe(7);
    // One after the other, because each holds the lock.
    for (const command of ['restore latest --force', 'rotate-db-password'])
      expect(await all([command])).toEqual([[command, 7, 'database_failed']]);
    await readsFiles('litellm-db');
    if (stack.runtime === 'docker')
      expect(docker('top', `${PROJECT}-litellm-db-1`, '-eo', 'pid,comm')).not.toContain('psql');
  });

  if (stack.runtime === 'native') {
    it('reports a frozen query engine like a frozen database', async () => {
      freeze('the query engine');
      expect(await all(['key list', 'status'])).toEqual([
        ['key list', 7, 'database_lost'],
        ['status', 7, 'unhealthy'],
      ]);
    });
  }

  it.each(['litellm', 'litellm-db'] as const)(
    'Ctrl-C stops a command that waits for a frozen %s and releases its lock',
    async (peer) => {
      freeze(peer);
      // These do not wait for the gateway.
      const ofDatabase = peer === 'litellm-db' ? ['backup', 'restore latest --force', 'doctor'] : [];
      const waiting = ['key list', 'provision-key', 'run -- true', apply(), 'up', 'logs -f', ...ofDatabase];
      for (const command of waiting) {
        const { child, result } = cli.start(['-p', PROJECT, ...command.split(' ')]);
        await new Promise((resolve) => setTimeout(resolve, 2000));
        const began = Date.now();
        child.kill('SIGINT');
        expect((await result).code, command).toBe(130);
        expect(Date.now() - began, command).toBeLessThan(10_000);
        expect(existsSync(join(cli.home, PROJECT, 'lock')), command).toBe(false);
      }
    },
  );
});

// The engine of this machine serves others too: this one is a socket that takes connections and never answers.
describeOn(onDocker)('a frozen Docker engine', () => {
  it('ends every command that needs it with exit code 5', async ({ onTestFinished: after }) => {
    const cli = createCli(onDocker);
    const socket = join(cli.home, '..', 'frozen.sock');
    const sockets: Socket[] = [];
    const server = createServer((one) => void sockets.push(one.on('error', () => undefined))).listen(socket);
    await new Promise((resolve) => server.once('listening', resolve));
    after(() => {
      for (const one of sockets) one.destroy();
      server.close();
      rmSync(socket, { force: true });
      cli.dispose();
    });
    const ends = await Promise.all(
      ['up', 'status', 'doctor', 'logs', 'down'].map(async (command) => {
        const began = Date.now();
        const { code } = await cli.run(['-p', PROJECT, command], { DOCKER_HOST: `unix://${socket}` });
        expect(Date.now() - began, command).toBeLessThan(SOON_MS);
        return [command, code];
      }),
    );
    expect(ends).toEqual(['up', 'status', 'doctor', 'logs', 'down'].map((command) => [command, 5]));
  });
});
