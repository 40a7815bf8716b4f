import { describe, expect, it } from 'vitest';
import {
  identityOnWindows,
  killOnWindows,
  startTimeByPowerShell,
} from '../../../../src/io/processes/windows-processes.ts';

const failure = (code: string) => Object.assign(new Error(`${code}: kill`), { code });

/** Processes by their ids; a negative id is what Windows does not know. */
function machine(...pids: number[]) {
  const sent: [number, unknown][] = [];
  const kill = (pid: number, signal: NodeJS.Signals | 0) => {
    if (pid < 0) throw failure('EINVAL');
    if (!pids.includes(pid)) throw failure('ESRCH');
    sent.push([pid, signal]);
  };
  return { kill, sent };
}

describe('killOnWindows', () => {
  it('ends a process and its child processes when a group is given', () => {
    const { kill } = machine(7);
    const ended: number[] = [];
    expect(killOnWindows(kill, (pid) => ended.push(pid))(-7, 'SIGINT')).toBe(true);
    expect(ended).toEqual([7]);
  });

  it('only checks whether the process exists when no signal is given', () => {
    const ended: number[] = [];
    expect(killOnWindows(machine(7).kill, (pid) => ended.push(pid))(-7, 0)).toBe(true);
    expect(ended).toEqual([]);
  });

  it('fails when the process has ended', () => {
    expect(() => killOnWindows(machine().kill, () => undefined)(-7, 'SIGKILL')).toThrow('ESRCH');
  });

  it('signals a single process as on other systems', () => {
    const { kill, sent } = machine(7);
    killOnWindows(kill, () => undefined)(7, 'SIGTERM');
    expect(sent).toEqual([[7, 'SIGTERM']]);
  });
});

describe('identityOnWindows', () => {
  it('returns the start time of the process', async () => {
    expect(await identityOnWindows(7, machine(7).kill, async () => '134100000000000000')).toBe('134100000000000000');
  });

  it('returns a constant when the start time is unknown', async () => {
    expect(await identityOnWindows(7, machine(7).kill, async () => '')).toBe('running');
  });

  it('returns nothing when the process does not exist', async () => {
    expect(await identityOnWindows(7, machine().kill, async () => 'never asked')).toBeUndefined();
  });

  it('works for a process of another user', async () => {
    const denied = () => {
      throw failure('EPERM');
    };
    expect(await identityOnWindows(7, denied, async () => '')).toBe('running');
  });
});

describe('startTimeByPowerShell', () => {
  it.each([
    ['is missing', '/nowhere'],
    ['cannot be started', '/nowhere\0'],
  ])('returns an empty text when PowerShell %s', async (_, SystemRoot) => {
    expect(await startTimeByPowerShell({ SystemRoot })(7)).toBe('');
  });
});
