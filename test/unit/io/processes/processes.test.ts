import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { userInfo } from 'node:os';
import process from 'node:process';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemProcesses } from '../../../../src/io/processes/processes.ts';

const onLinux = process.platform === 'linux';
const processes = systemProcesses(process.kill.bind(process));

describe('identity', () => {
  it('returns the same identity for one process, and another for each process', async () => {
    const own = await processes.identity(process.pid);
    expect(own).toMatch(/\w/);
    expect(await processes.identity(process.pid)).toBe(own);
  });

  it('returns nothing when the process has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    const pid = child.pid ?? 0;
    expect(await processes.identity(pid)).toMatch(/\w/);
    child.stdin.end();
    await once(child, 'exit');
    expect(await processes.identity(pid)).toBeUndefined();
  });

  it('returns nothing for an id that no process has', async () => {
    expect(await processes.identity(2 ** 30)).toBeUndefined();
  });
});

describe('signal', () => {
  /** A sleeping leader of its own process group. */
  const sleeper = async () => {
    const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    const pid = child.pid ?? 0;
    onTestFinished(() => void child.kill('SIGKILL'));
    return { child, pid, identity: (await processes.identity(pid)) ?? '' };
  };

  it('reaches the process with that identity', async () => {
    const { child, pid, identity } = await sleeper();
    const exit = once(child, 'exit');
    expect(await processes.signal({ pid, identity }, 'SIGTERM')).toBe(true);
    expect(await exit).toEqual([null, 'SIGTERM']);
    expect(await processes.signal({ pid, identity }, 'SIGTERM')).toBe(false);
  });

  it('ends a stopped process too', async () => {
    const { child, pid, identity } = await sleeper();
    const exit = once(child, 'exit');
    await processes.signal({ pid, identity }, 'SIGSTOP');
    expect(await processes.signal({ pid, identity }, 'SIGTERM')).toBe(true);
    expect(await exit).toEqual([null, 'SIGTERM']);
  });

  it.each([false, true])('never reaches a later process with the same id (group: %s)', async (group) => {
    const { child, pid } = await sleeper();
    expect(await processes.signal({ pid, identity: 'of an earlier one' }, 'SIGKILL', { group })).toBe(false);
    expect(child.exitCode ?? child.signalCode).toBeNull();
  });

  it('reaches processes that a leader has left in its group', async () => {
    const shell = spawn('sh', ['-c', 'sleep 60 & echo $!; exit 0'], { detached: true });
    const said = Promise.all([once(shell.stdout, 'data'), once(shell, 'exit')]);
    const identity = (await processes.identity(shell.pid ?? 0)) ?? '';
    const [[line]] = await said;
    const left = Number(`${line}`);
    expect(await processes.hasGroup(shell.pid ?? 0)).toBe(true);
    if (onLinux) expect((await processes.groupMemory([shell.pid ?? 0]))[0]).toBeGreaterThan(10_000);
    expect(await processes.signal({ pid: shell.pid ?? 0, identity }, 'SIGKILL', { group: true })).toBe(true);
    await expect.poll(() => processes.hasGroup(shell.pid ?? 0)).toBe(false);
    expect(await processes.identity(left)).toBeUndefined();
    expect(await processes.groupMemory([shell.pid ?? 0])).toEqual([undefined]);
  });
});

describe('listener', () => {
  beforeEach(({ skip }) => skip(!onLinux, 'it is read from /proc, which only Linux has'));

  it.each(['127.0.0.1', '::1'])('finds the process that listens on %s', async (host) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ host, port: 0 }, resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const command = (await readFile('/proc/self/comm', 'utf8')).trim();
    expect(await processes.listener(port)).toEqual({ pid: process.pid, command, user: userInfo().username });
  });

  it('finds no process on a free port', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await processes.listener(port)).toBeUndefined();
  });
});
