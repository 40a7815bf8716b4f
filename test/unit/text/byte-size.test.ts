import { expect, test } from 'vitest';
import { formatBytes } from '../../../src/text/byte-size.ts';

test.each([
  [999, '999 B'],
  [1000, '1.0 kB'],
  [1_234_567, '1.2 MB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
