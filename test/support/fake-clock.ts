import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/io/clock.ts';

export interface FakeClock extends Clock {
  /** How long each sleep was, in order. */
  readonly sleeps: readonly number[];
}

/** A sleep ends at once and advances the time by its length. */
export function fakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => now,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      sleeps.push(ms);
      now += ms;
      // Lets other tasks run, as during a real sleep.
      await setImmediate();
      signal?.throwIfAborted();
    },
  };
}

/** A stopped clock: a sleep ends only by its signal. */
export const stillClock: Clock = {
  now: () => Date.UTC(2026, 0, 1),
  sleep: (_, signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    }),
};

/** The shortest sleep of what only watches a call that is slow. */
const WATCH_MS = 2000;

/** Whose watches sleep until what they watch is over: for calls to a real server, which take a moment of real time. */
export function withoutWatches<Given extends Clock>(clock: Given): Given {
  return { ...clock, sleep: (ms, signal) => (ms >= WATCH_MS ? stillClock : clock).sleep(ms, signal) };
}
