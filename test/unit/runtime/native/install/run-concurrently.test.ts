import { expect, test } from 'vitest';
import { runConcurrently } from '../../../../../src/runtime/native/install/run-concurrently.ts';

const never = (signal: AbortSignal) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

test('runs all actions at the same time', async () => {
  const order: string[] = [];
  const action = (name: string) => async () => {
    order.push(`${name} begins`);
    await Promise.resolve();
    order.push(`${name} ends`);
  };
  await runConcurrently(new AbortController().signal, [action('a'), action('b')]);
  expect(order).toEqual(['a begins', 'b begins', 'a ends', 'b ends']);
});

test('ends the others after the first failure, and waits for them', async () => {
  const failure = new Error('a fails');
  let ended = false;
  const other = (signal: AbortSignal) => never(signal).finally(() => (ended = true));
  await expect(runConcurrently(new AbortController().signal, [other, () => Promise.reject(failure)])).rejects.toBe(
    failure,
  );
  expect(ended).toBe(true);
});

test('ends with the reason of an interruption', async () => {
  const stop = new AbortController();
  const running = runConcurrently(stop.signal, [never, never]);
  const reason = new Error('interrupted');
  stop.abort(reason);
  await expect(running).rejects.toBe(reason);
});
