import { expect, test } from 'vitest';
import { LineQueue } from '../../../../../src/runtime/docker/engine/line-queue.ts';

async function readAll(queue: LineQueue<number>): Promise<number[]> {
  const items: number[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

test('returns lines in order until the end, pushed before or during the reading', async () => {
  const queue = new LineQueue<number>();
  queue.push(1);
  const reading = readAll(queue);
  await Promise.resolve();
  queue.push(2);
  queue.push(3);
  queue.end();
  expect(await reading).toEqual([1, 2, 3]);
});

test('fails at once, before the lines still queued', async () => {
  const queue = new LineQueue<number>();
  const reason = new Error('interrupted');
  queue.push(1);
  queue.push(2);
  const reader = queue[Symbol.asyncIterator]();
  expect(await reader.next()).toEqual({ done: false, value: 1 });
  queue.fail(reason);
  await expect(reader.next()).rejects.toBe(reason);
});

test('fails with the first reason while the reader waits', async () => {
  const queue = new LineQueue<number>();
  const reason = new Error('first');
  const reading = readAll(queue);
  await Promise.resolve();
  queue.fail(reason);
  queue.fail(new Error('second'));
  await expect(reading).rejects.toBe(reason);
});

test('does not fail after the end', async () => {
  const queue = new LineQueue<number>();
  queue.end();
  queue.fail(new Error('late'));
  expect(await readAll(queue)).toEqual([]);
});
