import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { systemDaemons } from '../../../../src/io/processes/daemons.ts';
import { interruption } from '../../../../src/model/errors.ts';

const shell = (script: string, options: { timeoutMs?: number; signal?: AbortSignal; stdin?: string } = {}) =>
  systemDaemons.start(
    { file: '/bin/sh', args: ['-c', script] },
    {
      env: { PATH: '/usr/bin:/bin' },
      cwd: '/',
      stdin: '',
      timeoutMs: 30_000,
      signal: new AbortController().signal,
      ...options,
    },
  );

describe('systemDaemons', () => {
  it('returns after the first line of output, and leaves the daemon running', async ({ onTestFinished }) => {
    const line = await shell('read text; echo "$$ $text"; exec sleep 60', { stdin: 'given\n' });
    const pid = Number(line.split(' ')[0]);
    onTestFinished(() => void process.kill(pid, 'SIGKILL'));
    expect(line).toBe(`${pid} given`);
    expect(execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).trim()).toBe('sleep 60');
  });

  it('fails with the output of a daemon that ends without a line', async () => {
    await expect(shell('echo no room >&2; exit 3')).rejects.toThrow(/^no room$/);
    await expect(shell('exit 3')).rejects.toThrow('it exited with code 3');
  });

  it('ends a daemon that does not start in time', async () => {
    await expect(shell('exec sleep 60', { timeoutMs: 100 })).rejects.toThrow('it did not start within 0.1 s');
  });

  it('stops waiting after Ctrl-C', async () => {
    const reason = interruption('SIGINT');
    const controller = new AbortController();
    const started = shell('sleep 1', { signal: controller.signal });
    controller.abort(reason);
    await expect(started).rejects.toBe(reason);
  });
});
