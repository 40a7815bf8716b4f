import { describe, expect, it } from 'vitest';
import { countCrash, nextRestart } from '../../../../../src/runtime/native/supervisor/supervise.ts';

describe('nextRestart', () => {
  it.each([
    [1, 500],
    [2, 1000],
    [3, 2000],
    [4, 4000],
    [5, 8000],
    [6, 'give-up'],
    [7, 'give-up'],
  ])('returns after %i crashes in a row: %s', (crashes, next) => expect(nextRestart(crashes)).toBe(next));
});

describe('countCrash', () => {
  it.each([
    [0, 0, 1],
    [3, 19_999, 4],
    [3, 20_000, 1],
    [5, 3_600_000, 1],
  ])('returns after %i crashes and a run of %i ms: %i', (crashes, ran, count) =>
    expect(countCrash(crashes, ran)).toBe(count),
  );
});
