import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, momentOf, parseDuration } from '../../../src/text/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['90', 90_000],
    ['0', 0],
    ['1.5', 1500],
    ['250ms', 250],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['0.5h', 1_800_000],
  ])('reads %s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', ' ', '5 m', '-5s', '5x', 's', '5m!', '1h 30m', '1e3', '5m3', '.5s', 'Infinity', '0x10'])(
    'rejects %j',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );

  it('adds up its parts', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), fc.nat(500), (h, m, s) => {
        expect(parseDuration(`${h}h${m}m${s}s`)).toBe((h * 3600 + m * 60 + s) * 1000);
      }),
    );
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [850, '850 ms'],
    [999.4, '999 ms'],
    [999.6, '999 ms'],
    [1000, '1.0 s'],
    [12_345, '12.3 s'],
    [59_999, '59.9 s'],
    [60_000, '1 min'],
    [125_000, '2 min 5 s'],
    [3_599_999, '59 min 59 s'],
    [12_000_000, '3 h 20 min'],
    [86_400_000, '1 d'],
    [352_800_000, '4 d 2 h'],
  ])('formats %i ms as %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});

describe('momentOf', () => {
  const now = Date.parse('2026-01-02T12:00:00Z');

  it('subtracts a duration from the current time', () => expect(momentOf('1h30m', now)).toBe(now - 5_400_000));
  it('reads a date', () => expect(momentOf('2026-01-01T00:00:00Z', now)).toBe(now - 36 * 3_600_000));
  it('returns NaN for anything else', () => expect(momentOf('yesterday', now)).toBeNaN());
});
