import { expect, test } from 'vitest';
import { formatBytes } from '../../../src/text/byte-size.ts';

test.each([
  [999, '999 B'],
  [1000, '1.0 kB'],
  [1_234_567, '1.2 MB'],
  [999_949_999, '999.9 MB'],
  [15_000_000_000, '15.0 GB'],
  [2.5e15, '2500.0 TB'],
])('formats %d bytes as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
