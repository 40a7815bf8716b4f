import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { listenForInterrupts } from '../../../../src/io/terminal/interrupts.ts';

function scene() {
  const killed: unknown[] = [];
  const source = Object.assign(new EventEmitter(), { pid: 7, kill: (...args: unknown[]) => killed.push(args) > 0 });
  const interrupts = listenForInterrupts(source as unknown as NodeJS.Process);
  return { killed, interrupts, send: (name: NodeJS.Signals) => source.emit(name, name) };
}

describe('listenForInterrupts', () => {
  it.each([
    ['SIGINT', 'interrupted', 130],
    ['SIGTERM', 'terminated', 143],
  ] as const)('aborts on the first %s, and keeps listening', (name, code, exitCode) => {
    const { killed, interrupts, send } = scene();
    expect(interrupts.signal.aborted).toBe(false);
    // True: somebody listens. Without that `signal-exit` would kill the process.
    expect(send(name)).toBe(true);
    expect(interrupts.signal.reason).toMatchObject({ code, exitCode });
    expect(killed).toEqual([]);
  });

  it('leaves the second one to the system, whichever the first was', () => {
    const { killed, interrupts, send } = scene();
    send('SIGINT');
    send('SIGTERM');
    expect(killed).toEqual([[7, 'SIGTERM']]);
    expect([send('SIGINT'), send('SIGTERM')]).toEqual([false, false]);
    expect(interrupts.signal.reason).toMatchObject({ code: 'interrupted' });
  });

  it('passes all signals to a temporary handler', () => {
    const { killed, interrupts, send } = scene();
    const received: string[] = [];
    const giveBack = interrupts.divertSignals((name) => received.push(name));
    for (const name of ['SIGINT', 'SIGINT', 'SIGTERM'] as const) send(name);
    expect(received).toEqual(['SIGINT', 'SIGINT', 'SIGTERM']);
    expect(interrupts.signal.aborted).toBe(false);
    giveBack();
    send('SIGINT');
    expect(interrupts.signal.aborted).toBe(true);
    expect([received.length, killed]).toEqual([3, []]);
  });

  it('treats Ctrl-Break on Windows as Ctrl-C', () => {
    const { killed, interrupts, send } = scene();
    send('SIGBREAK');
    expect(interrupts.signal.reason).toMatchObject({ code: 'interrupted', exitCode: 130 });
    send('SIGBREAK');
    expect(killed).toEqual([[7, 'SIGINT']]);
  });
});
