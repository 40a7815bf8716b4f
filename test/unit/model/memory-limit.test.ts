import { describe, expect, it } from 'vitest';
import { formatMemory, parseMemory } from '../../../src/model/memory-limit.ts';

describe('the memory limit of the gateway', () => {
  it.each([
    ['2g', 2 * 1024 ** 3, '2g'],
    ['1.5G', 1.5 * 1024 ** 3, '1536m'],
    ['1536m', 1536 * 1024 ** 2, '1536m'],
    ['256m', 256 * 1024 ** 2, '256m'],
  ])('reads and formats %s', (text, bytes, shown) => {
    expect(parseMemory(text)).toBe(bytes);
    expect(formatMemory(bytes)).toBe(shown);
  });

  it.each(['', '2', '2gb', '-2g', '2 g', '1e3m', '2t', 'm', '٣g'])('rejects an invalid size: "%s"', (text) => {
    expect(() => parseMemory(text)).toThrow('A size is a number and m or g, such as 1536m or 4g');
  });

  it.each(['0g', '255m', '0.1g'])('rejects a size that is too small for LiteLLM: %s', (text) => {
    expect(() => parseMemory(text)).toThrow('LiteLLM does not start with less than 256m');
  });
});
