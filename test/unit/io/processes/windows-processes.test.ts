import { describe, expect, it } from 'vitest';
import { identityOnWindows, killOnWindows } from '../../../../src/io/processes/windows-processes.ts';

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
  it('ends a process with all that it has started where a group is meant', () => {
    const { kill } = machine(7);
    const ended: number[] = [];
    expect(killOnWindows(kill, (pid) => ended.push(pid))(-7, 'SIGINT')).toBe(true);
    expect(ended).toEqual([7]);
  });

  it('looks without ending anything', () => {
    const ended: number[] = [];
    expect(killOnWindows(machine(7).kill, (pid) => ended.push(pid))(-7, 0)).toBe(true);
    expect(ended).toEqual([]);
  });

  it('fails when the process is gone', () => {
    expect(() => killOnWindows(machine().kill, () => undefined)(-7, 'SIGKILL')).toThrow('ESRCH');
  });

  it('signals a single process as everywhere', () => {
    const { kill, sent } = machine(7);
    killOnWindows(kill)(7, 'SIGTERM');
    expect(sent).toEqual([[7, 'SIGTERM']]);
  });
});

describe('identityOnWindows', () => {
  it('is when the process was started', async () => {
    expect(await identityOnWindows(7, machine(7).kill, async () => '134100000000000000')).toBe('134100000000000000');
  });

  it('is the same for every process where that cannot be told', async () => {
    expect(await identityOnWindows(7, machine(7).kill, async () => '')).toBe('running');
  });

  it('is none when there is no such process', async () => {
    expect(await identityOnWindows(7, machine().kill, async () => 'never asked')).toBeUndefined();
  });

  it("is told of another user's process", async () => {
    const denied = () => {
      throw failure('EPERM');
    };
    expect(await identityOnWindows(7, denied, async () => '')).toBe('running');
  });
});
