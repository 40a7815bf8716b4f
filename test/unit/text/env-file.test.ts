import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseEnvFile } from '../../../src/text/env-file.ts';

const valuesOf = (text: string) => {
  const parsed = parseEnvFile(text);
  return parsed.ok ? Object.fromEntries(parsed.lines.map(({ name, value }) => [name, value])) : parsed;
};

test.each([
  ['A=1', { A: '1' }],
  ['export A=1\n\n# a comment\n  B = two words  # and why\n', { A: '1', B: 'two words' }],
  ['A=', { A: '' }],
  ['A', { A: undefined }],
  ['A=\'a $b "c" # d\'', { A: 'a $b "c" # d' }],
  ['A="a \\"b\\" \\$c \\\\ \\n d"', { A: 'a "b" $c \\ \n d' }],
  ['A=pa$$word#1', { A: 'pa$$word#1' }],
  [
    'KEY="-----BEGIN KEY-----\nabc\n-----END KEY-----\n"\nB=1',
    { KEY: '-----BEGIN KEY-----\nabc\n-----END KEY-----\n', B: '1' },
  ],
  ["A='one\ntwo'\r\nB=1\r\n", { A: 'one\ntwo', B: '1' }],
  ['\uFEFFA=1', { A: '1' }],
  [`A="\${HOME}"`, { A: `\${HOME}` }],
  ['', {}],
])('reads %j', (text, values) => expect(valuesOf(text)).toEqual(values));

test.each([
  ['A=1\nnot a line\n', 2, 'has text after the value of not'],
  ['A=1\n=2\n', 2, 'is not NAME=VALUE'],
  ['1A=2', 1, 'is not NAME=VALUE'],
  ['A=1\n\nB="open\nC=1', 3, 'opens a quote that is not closed (B)'],
  ["A='x'y", 1, 'has text after the value of A'],
])('rejects %j', (text, line, problem) => expect(parseEnvFile(text)).toEqual({ ok: false, line, problem }));

test('reads back any text in double quotes', async () => {
  await fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes('\r')),
      (text) => {
        const quoted = text.replace(/[\\"$]/g, '\\$&').replaceAll('\n', '\\n');
        expect(valuesOf(`A="${quoted}"\nB=1\n`)).toEqual({ A: text, B: '1' });
      },
    ),
  );
});
