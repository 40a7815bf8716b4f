import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alignColumns } from '../../../src/text/align-columns.ts';

test('separates columns by two spaces and trims the end of each line', () => {
  expect(
    alignColumns([
      ['SERVICE', 'STATE', ''],
      ['litellm', 'up', 'x'],
      ['db', 'exited', ''],
    ]),
  ).toBe(['SERVICE  STATE', 'litellm  up      x', 'db       exited'].join('\n'));
});

test('accepts rows of any length', () => {
  expect(alignColumns([])).toBe('');
  expect(alignColumns([['a'], ['bb', 'c'], []])).toBe('a\nbb  c\n');
});

test('starts the second column at the same position', () => {
  const word = fc.stringMatching(/^[a-z]{1,20}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word), { minLength: 1 }), (rows) => {
      const starts = alignColumns(rows)
        .split('\n')
        .map((line) => line.search(/\s\S/));
      expect(new Set(starts).size).toBe(1);
    }),
  );
});

test.each([
  ['Chinese', '模型'],
  ['an emoji', '🚀🚀'],
  ['an emoji of several code points', '👩‍💻👩‍💻'],
  ['colours', '\u001b[31mfour\u001b[39m'],
])('measures a name with %s as wide as a terminal shows it', (_, name) => {
  expect(
    alignColumns([
      [name, 'first'],
      ['four', 'second'],
    ]),
  ).toBe(`${name}  first\nfour  second`);
});

test('measures a letter with a combining accent as one letter', () => {
  expect(
    alignColumns([
      ['e\u0301', '1'],
      ['e', '2'],
    ]),
  ).toBe('e\u0301  1\ne  2');
});
