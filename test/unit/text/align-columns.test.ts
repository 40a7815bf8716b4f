import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alignColumns } from '../../../src/text/align-columns.ts';

test('sets columns two spaces apart and ends no line in spaces', () => {
  expect(
    alignColumns([
      ['SERVICE', 'STATE', ''],
      ['litellm', 'up', 'x'],
      ['db', 'exited', ''],
    ]),
  ).toBe(['SERVICE  STATE', 'litellm  up      x', 'db       exited'].join('\n'));
});

test('takes rows of any length', () => {
  expect(alignColumns([])).toBe('');
  expect(alignColumns([['a'], ['bb', 'c'], []])).toBe('a\nbb  c\n');
});

test('begins the second column at one place', () => {
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
])('a name with %s takes the room that a terminal gives it', (_, name) => {
  expect(
    alignColumns([
      [name, 'first'],
      ['four', 'second'],
    ]),
  ).toBe(`${name}  first\nfour  second`);
});

test('a letter with a combining accent takes the room of one letter', () => {
  expect(
    alignColumns([
      ['e\u0301', '1'],
      ['e', '2'],
    ]),
  ).toBe('e\u0301  1\ne  2');
});
