import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { setVariables } from '../../../src/text/dotenv-edit.ts';

test.each([
  ['an empty file', '', 'K=new\n'],
  ['no newline at its end', 'A=1', 'A=1\nK=new\n'],
  ['CRLF', 'A=1\r\nK=old\r\nB=2\r\n', 'A=1\r\nK=new\r\nB=2\r\n'],
  ['CRLF and a new name', 'A=1\r\n', 'A=1\r\nK=new\r\n'],
  ['export', 'export K=old\n', 'export K=new\n'],
  ['quotes', 'K="o # ld"\nB=1\n', 'K=new\nB=1\n'],
  ['a comment', 'K=old # why\n', 'K=new # why\n'],
  ['duplicates: the last counts', 'K=a\nK=b\n', 'K=a\nK=new\n'],
  ['spaces', '  K = old  \n', '  K = new  \n'],
  ['a value over lines', 'A="1\nK=inside\n2"\nK=old\n', 'A="1\nK=inside\n2"\nK=new\n'],
  ['only inside another value', "A='\nK=inside\n'\n", "A='\nK=inside\n'\nK=new\n"],
  ['a comment line', '#K=old\n', '#K=old\nK=new\n'],
  ['an empty value', 'K=\nB=1\n', 'K=new\nB=1\n'],
  ['an empty value and a comment', 'K= # why\nB=1\n', 'K= new # why\nB=1\n'],
  ['an empty value and a comment at once', 'K=# why', 'K=new # why'],
  ['a comment at once after quotes', 'K="old"# why\n', 'K=new # why\n'],
  ['another name that ends alike', 'MY_K=1\n', 'MY_K=1\nK=new\n'],
  ['a byte order mark', '\xef\xbb\xbfK=old\n', '\xef\xbb\xbfK=new\n'],
])('edits a file: %s', (_, before, after) => {
  expect(setVariables(before, { K: 'new' })).toBe(after);
  expect(setVariables(after, { K: 'new' })).toBe(after);
});

const name = fc.constantFrom('K', 'A', 'B_1', 'LONG_NAME');
const plain = fc.stringMatching(/^[A-Za-z0-9_.:/@+=-]{1,12}$/);
const value = fc.oneof(
  plain,
  fc.constantFrom('', ' # x', '# x'),
  fc.tuple(plain, fc.constantFrom(' # x', '# x')).map(([text, comment]) => `"${text}"${comment}`),
  plain.map((text) => `"${text} # x\n${text}"`),
  plain.map((text) => `'${text} y'`),
);
const line = fc.oneof(
  fc.tuple(fc.constantFrom('', 'export ', '  '), name, value).map(([prefix, key, text]) => `${prefix}${key}=${text}`),
  fc.constantFrom('', '# a comment', '#K=1'),
);

const newline = fc.constantFrom('\n', '\r\n');

test('writes values that Node reads back and preserves every other variable', () => {
  fc.assert(
    fc.property(fc.array(line), plain, fc.boolean(), newline, (lines, wanted, ends, end) => {
      const before = lines.join(end) + (ends ? end : '');
      const after = setVariables(before, { K: wanted });
      expect(parseEnv(`${after}${end}`)).toEqual({ ...parseEnv(`${before}${end}`), K: wanted });
      expect(setVariables(after, { K: wanted })).toBe(after);
    }),
  );
});
