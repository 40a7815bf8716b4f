import type { ExecFileOptions } from 'node:child_process';
import { beforeEach, expect, test, vi } from 'vitest';
import { systemProcesses } from '../../../../src/io/processes/processes.ts';

// As on macOS: no /proc, and a `ps` that tells times in the zone of the machine, unless it is told another one.
const machine = vi.hoisted(() => ({ zone: 'Europe/Berlin', state: 'Ss' }));

vi.mock('node:fs/promises', () => {
  const absent = () => Promise.reject(Object.assign(new Error('ENOENT'), { code: 'ENOENT' }));
  return { readFile: absent, readdir: absent, readlink: absent };
});

vi.mock('node:child_process', () => ({
  execFile(_: string, __: readonly string[], { env }: ExecFileOptions, done: (error: null, out: object) => void) {
    const time = new Date('2026-01-31T12:00:00Z').toLocaleString('en', { timeZone: env?.TZ ?? machine.zone });
    done(null, { stdout: `${machine.state}   ${time}\n` });
  },
}));

const { identity } = systemProcesses(() => {
  throw new Error('unexpected signal');
});

beforeEach(() => Object.assign(machine, { zone: 'Europe/Berlin', state: 'Ss' }));

test('identity stays the same when the time zone changes', async () => {
  const before = await identity(12);
  expect(before).toContain('2026');
  machine.zone = 'Asia/Tokyo';
  expect(await identity(12)).toBe(before);
});

test('identity treats a zombie as ended', async () => {
  machine.state = 'Z';
  expect(await identity(12)).toBeUndefined();
});
