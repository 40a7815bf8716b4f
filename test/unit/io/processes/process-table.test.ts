import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { groupMemory, parseStat } from '../../../../src/io/processes/process-table.ts';
import { describeUnless, notOnLinux } from '../../../support/skipping.ts';

const rest = Array.from({ length: 30 }, (_, i) => `${i + 4}`).join(' ');

describe('parseStat', () => {
  it.each([
    [`12 (node) S ${rest}`, '22'],
    [`12 (a) b) (c) R ${rest}`, '22'],
    [`12 (x\n) Z 1) S ${rest}`, '22'],
    [`12 (node) Z ${rest}`, undefined],
    ['', undefined],
  ])('returns for %j the start time %s', (stat, time) => expect(parseStat(stat)?.startTime).toBe(time));
});

it('parseStat returns the parent and the group', () => {
  expect(parseStat(`12 (node) S ${rest}`)).toMatchObject({ parent: 4, group: 5 });
});

describeUnless(notOnLinux)('the memory of a group', () => {
  const BYTES = 64_000_000;
  const holdsMemory = `process.memory = Buffer.alloc(${BYTES}, 1); setInterval(() => undefined, 60_000);`;

  it('counts child processes in other sessions, as PostgreSQL starts them', async () => {
    const script = 'setsid "$0" -e "$1" & echo $!; wait';
    const shell = spawn('sh', ['-c', script, process.execPath, holdsMemory], { detached: true });
    const [line] = await once(shell.stdout, 'data');
    onTestFinished(() => {
      for (const pid of [Number(`${line}`), shell.pid ?? 0]) process.kill(pid, 'SIGKILL');
    });
    await expect.poll(() => groupMemory([shell.pid ?? 0])[0] ?? 0, { timeout: 5000 }).toBeGreaterThan(BYTES);
  });

  it('counts nothing for other processes', () => {
    expect(groupMemory([2 ** 30])).toEqual([undefined]);
  });
});
