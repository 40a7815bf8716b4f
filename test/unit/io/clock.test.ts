import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../../src/io/clock.ts';
import { interruption } from '../../../src/model/errors.ts';

describe('systemClock', () => {
  it('rejects a sleep with the reason of its signal', async () => {
    const reason = interruption('SIGINT');
    const controller = new AbortController();
    const sleep = systemClock.sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(sleep).rejects.toBe(reason);
    await expect(systemClock.sleep(60_000, controller.signal)).rejects.toBe(reason);
  });

  it.each([2 ** 31, 30 * 86_400_000, Number.POSITIVE_INFINITY])('does not shorten a sleep of %d ms', async (ms) => {
    const controller = new AbortController();
    let ended = false;
    const warned = vi.spyOn(globalThis.process, 'emitWarning').mockImplementation(() => {});
    onTestFinished(() => warned.mockRestore());
    const sleep = systemClock.sleep(ms, controller.signal).then(() => {
      ended = true;
    });
    await systemClock.sleep(20);
    expect([ended, warned.mock.calls]).toEqual([false, []]);
    controller.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
  });
});
