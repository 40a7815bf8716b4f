import { describe, expect, it } from 'vitest';
import { withDeadline } from '../../../src/io/deadline.ts';
import { interruption } from '../../../src/model/errors.ts';

/** Heeds no signal. */
const never = () => new Promise<never>(() => undefined);

describe('withDeadline', () => {
  it('returns a result that arrives in time', async () => {
    expect(await withDeadline({ timeoutMs: 60_000 }, async () => 'result')).toBe('result');
    const failure = new Error('its own');
    await expect(withDeadline({ timeoutMs: 60_000 }, () => Promise.reject(failure))).rejects.toBe(failure);
  });

  it('throws when the deadline passes, even if the action continues', async () => {
    let seen: AbortSignal | undefined;
    const waiting = withDeadline({ timeoutMs: 20 }, (signal) => {
      seen = signal;
      return never();
    });
    await expect(waiting).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    expect(seen?.aborted).toBe(true);
  });

  it('throws the reason of an abort, and does not start an action after it', async () => {
    const controller = new AbortController();
    const reason = interruption('SIGINT');
    const { signal } = controller;
    const waiting = withDeadline({ timeoutMs: 60_000, signal }, never);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    const begun = () => Promise.reject(new Error('nothing is to begin'));
    await expect(withDeadline({ timeoutMs: 60_000, signal }, begun)).rejects.toBe(reason);
  });
});
