import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../../src/io/clock.ts';
import { ABANDON_MS } from '../../../../src/io/processes/process-group.ts';
import { type RunOptions, systemRunner } from '../../../../src/io/processes/runner.ts';
import { interruption } from '../../../../src/model/errors.ts';
import { fakeClock } from '../../../support/fake-clock.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const kill = process.kill.bind(process);
const runner = systemRunner(systemClock, kill);
const node = (script: string, ...args: string[]) => ({ file: process.execPath, args: ['-e', script, ...args] });
const run = (script: string, options: Partial<RunOptions> = {}) =>
  runner.run(node(script), { env: {}, timeoutMs: null, ...options });

/** A child of the child that ignores SIGINT and has no pipe; the child's line is its own process id and that one's. */
const withGrandchild = (ownHandler: string) => `
  const { spawn } = require('node:child_process');
  const code = "process.on('SIGINT', () => {}); process.send('up'); setInterval(() => {}, 1000)";
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  child.on('message', () => console.log(process.pid, child.pid));
  ${ownHandler}`;

/** A sleep takes no time, and ends when `gate` lets it: the first by 0, the next by 1. */
function gatedClock(gate: (sleep: number) => Promise<unknown>): Clock {
  const clock = fakeClock();
  let count = 0;
  return {
    now: clock.now,
    // What has been ended is waited for in earnest.
    sleep: (ms, signal) =>
      ms === ABANDON_MS ? systemClock.sleep(60_000, signal) : gate(count++).then(() => clock.sleep(ms, signal)),
  };
}

function firstLine(): { pids: Promise<[number, number]>; onLine: (line: string) => void } {
  let onLine = (_: string) => {};
  const pids = new Promise<[number, number]>((resolve) => {
    onLine = (line) => resolve(line.split(' ').map(Number) as [number, number]);
  });
  return { pids, onLine };
}

/** A zombie has ended too: the system's first process may be slow to bury it. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) [ZX] /.test(stat);
}

describe('run', () => {
  it('returns the output and the exit code', async () => {
    expect(await run("console.log('out'); console.error('err'); process.exitCode = 7")).toEqual({
      outcome: 'exited',
      exitCode: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('returns 128 plus the signal of a child that was killed', async () => {
    expect(await run("process.kill(process.pid, 'SIGKILL')")).toMatchObject({ outcome: 'exited', exitCode: 137 });
    expect(await run("process.kill(process.pid, 'SIGTERM')")).toMatchObject({ outcome: 'exited', exitCode: 143 });
  });

  it('gives the child an empty stdin and only the given environment', async () => {
    const script = `process.stdin.on('data', () => {}).on('end', () => {
      console.log(JSON.stringify([process.env, process.cwd()]));
    })`;
    const cwd = await temporaryFolder();
    const { stdout } = await run(script, { env: { ONLY: 'this', NOT: undefined }, cwd });
    expect(JSON.parse(stdout)).toEqual([{ ONLY: 'this' }, cwd]);
  });

  it('hides the values of the environment from other processes', async () => {
    const script = "console.log(require('node:fs').readFileSync('/proc/self/cmdline', 'utf8'), process.env.KEY)";
    const { stdout } = await run(script, { env: { KEY: 'sk-hidden-value' } });
    expect(stdout.split('sk-hidden-value')).toHaveLength(2);
    expect(stdout.trimEnd()).toMatch(/ sk-hidden-value$/);
  });

  it.each([undefined, () => {}])('reports a program that does not exist (onLine: %o)', async (onLine) => {
    const folder = await temporaryFolder();
    const options = { env: { PATH: folder }, timeoutMs: null, ...(onLine ? { onLine } : {}) };
    const nothing = { outcome: 'not-found', exitCode: -1, stdout: '', stderr: '' };
    expect(await runner.run({ file: 'docker', args: [] }, options)).toEqual(nothing);
    await writeFile(join(folder, 'docker'), 'text', { mode: 0o600 });
    expect(await runner.run({ file: join(folder, 'docker'), args: [] }, options)).toEqual(nothing);
  });

  it('reports a program that exists but was not started', async () => {
    const command = { file: process.execPath, args: ['x'.repeat(3_000_000)] };
    expect(await runner.run(command, { env: {}, timeoutMs: null })).toEqual({
      ...{ outcome: 'exited', exitCode: -1, stdout: '' },
      ...{ stderr: 'The program was not started (E2BIG)', spawnError: 'E2BIG' },
    });
  });

  it('passes on each line as it arrives, ended by LF, CR or both', async () => {
    const script = `
      const parts = ['one\\ntw', 'o\\r', '\\nthree\\r50 %\\r100 %\\r\\n', '\\nl\u00e4st'];
      const next = () => parts.length && process.stdout.write(parts.shift(), () => setTimeout(next, 30));
      next(); console.error('beside');`;
    const lines = { stdout: [] as string[], stderr: [] as string[] };
    const result = await run(script, { onLine: (line, stream) => lines[stream].push(line) });
    expect(lines).toEqual({ stdout: ['one', 'two', 'three', '50 %', '100 %', '', 'l\u00e4st'], stderr: ['beside'] });
    expect(result.stdout).toBe('one\ntwo\r\nthree\r50 %\r100 %\r\n\nl\u00e4st');
  });

  it('keeps the end of a long output', async () => {
    const { stdout } = await run("process.stdout.write('x'.repeat(200000) + 'end')", { onLine: () => {} });
    expect(stdout).toHaveLength(65_536);
    expect(stdout).toMatch(/xend$/);
  });
});

describe('timeout', () => {
  it.each([
    ['ends at once on SIGINT', "process.on('SIGINT', () => process.exit(3))", 3],
    ['ignores SIGINT', "process.on('SIGINT', () => {})", 137],
  ])('ends the whole group of a child that %s', async (_, handler, exitCode) => {
    const started = firstLine();
    const clock = gatedClock(async (sleep) => {
      const [child] = await started.pids;
      if (sleep > 0 && exitCode === 3) await expect.poll(() => isAlive(child)).toBe(false);
    });
    const options = { env: {}, timeoutMs: 60_000, onLine: started.onLine };
    const result = await systemRunner(clock, kill).run(node(withGrandchild(handler)), options);
    expect(result).toMatchObject({ outcome: 'timeout', exitCode });
    const [, grandchild] = await started.pids;
    await expect.poll(() => isAlive(grandchild)).toBe(false);
  });

  it('ends a child that is silent for too long, but not one that keeps writing', async () => {
    const onLine = () => {};
    const silent = await run("console.log('begun'); setInterval(() => {}, 1000)", { idleMs: 300, onLine });
    expect(silent).toMatchObject({ outcome: 'timeout', stdout: 'begun\n' });
    const talks = `let n = 0; const timer = setInterval(() => (console.log(n), ++n > 12 && clearInterval(timer)), 50)`;
    expect(await run(talks, { idleMs: 400, onLine })).toMatchObject({ outcome: 'exited', exitCode: 0 });
  });

  it('does not wait for a process outside the group that holds the pipes open', async ({ onTestFinished }) => {
    const script = `
      const sleeper = require('node:child_process').spawn('sleep', ['60'], { detached: true, stdio: 'inherit' });
      console.error(sleeper.pid); setTimeout(() => process.exit(), 100)`;
    let sleeper = 0;
    onTestFinished(() => void kill(sleeper, 'SIGKILL'));
    const onLine = (line: string) => {
      sleeper = Number(line);
    };
    expect(await run(script, { timeoutMs: 1000, onLine })).toMatchObject({ outcome: 'timeout' });
    expect(await isAlive(sleeper)).toBe(true);
  });

  it('does not signal a child that ends in time', async () => {
    const surprise = () => {
      throw new Error('no signal is to be sent');
    };
    const quick = systemRunner(systemClock, surprise);
    const result = await quick.run(node("console.log('done')"), { env: {}, timeoutMs: 60_000 });
    expect(result).toMatchObject({ outcome: 'exited', exitCode: 0, stdout: 'done\n' });
  });
});

describe('abort', () => {
  it('rejects with the reason once the group has ended', async () => {
    const controller = new AbortController();
    const reason = interruption('SIGINT');
    const started = firstLine();
    const clock = gatedClock(async () => {});
    const running = systemRunner(clock, kill).run(node(withGrandchild('')), {
      env: {},
      timeoutMs: null,
      signal: controller.signal,
      onLine: started.onLine,
    });
    const [[, grandchild]] = await Promise.all([
      started.pids.finally(() => controller.abort(reason)),
      expect(running).rejects.toBe(reason),
    ]);
    await expect.poll(() => isAlive(grandchild)).toBe(false);
  });

  it.each(['before', 'while'])('starts nothing when it is aborted %s the call', async (when) => {
    const controller = new AbortController();
    const reason = interruption('SIGTERM');
    const trace = join(await temporaryFolder(), 'trace');
    if (when === 'before') controller.abort(reason);
    const script = `require('node:fs').writeFileSync(${JSON.stringify(trace)}, '')`;
    const running = run(script, { signal: controller.signal });
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(existsSync(trace)).toBe(false);
  });
});

describe('stdin and files', () => {
  const echo = "process.stdin.pipe(process.stdout); process.stdin.on('end', () => console.error('read'))";

  it('closes stdin unless input is given', async () => {
    expect(await run(echo)).toMatchObject({ stdout: '', stderr: 'read\n' });
    expect(await run(echo, { stdin: { text: 'a secret' } })).toMatchObject({ stdout: 'a secret' });
  });

  it('reads from a file, and writes to one without changing its mode', async () => {
    const folder = await temporaryFolder();
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    // More than is ever kept in memory.
    const bytes = Buffer.alloc(17 * 1024 * 1024, Buffer.from([0, 255, 13, 10, 200]));
    await writeFile(from, bytes);
    await writeFile(to, 'longer than what comes', { mode: 0o600 });
    const result = await run(echo, { stdin: { file: from }, stdoutFile: to });
    expect(result).toEqual({ outcome: 'exited', exitCode: 0, stdout: '', stderr: 'read\n' });
    expect((await readFile(to)).equals(bytes)).toBe(true);
    expect((await stat(to)).mode & 0o777).toBe(0o600);
  });

  it('runs a child that is bound to this process like any other', async () => {
    const script = `${echo}; console.log(process.argv.slice(1)); process.exitCode = 3`;
    const result = await runner.run(node(script, 'a b', "'$x"), { env: {}, timeoutMs: null, bound: true });
    expect(result).toEqual({ outcome: 'exited', exitCode: 3, stdout: "[ 'a b', \"'$x\" ]\n", stderr: 'read\n' });
  });

  it('ends a bound child that takes too long', async () => {
    const result = await run('setInterval(() => {}, 1000)', { bound: true, timeoutMs: 200 });
    expect(result).toMatchObject({ outcome: 'timeout' });
  });

  it('reports why a file could not be written', async ({ skip }) => {
    skip(process.platform !== 'linux', 'only Linux has /dev/full');
    const script = "process.stdout.on('error', () => {}); process.stdout.write('x'.repeat(100000))";
    expect(await run(script, { stdoutFile: '/dev/full' })).toMatchObject({ fileError: 'ENOSPC' });
  });

  it('does not blame a child that stops reading', async () => {
    const result = await run('process.exit(3)', { stdin: { text: 'x'.repeat(1_000_000) } });
    expect(result).toEqual({ outcome: 'exited', exitCode: 3, stdout: '', stderr: '' });
  });
});
