import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dotenv, parseDotenv, renderDotenv, setValue } from '../../../src/text/dotenv.ts';

function valuesOf(parsed: Dotenv): Record<string, string> {
  if (!parsed.ok) throw new Error(`line ${parsed.line} ${parsed.problem}`);
  return Object.fromEntries(parsed.values);
}

const key = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,12}$/);
const value = fc.stringMatching(/^[^\n\r\u2028\u2029]*$/);
const entries = fc.dictionary(key, value, { noNullPrototype: true });

describe('parseDotenv', () => {
  it('reads values literally', () => {
    expect(valuesOf(parseDotenv('# made once\n\nA=1\n  \n \t# more\nB_2=a=b#c\nC=\n'))).toEqual({
      A: '1',
      B_2: 'a=b#c',
      C: '',
    });
  });

  it.each(['A=1\r\nB=2\r\n', '\uFEFFA=1\nB=2', '\uFEFFA=1\r\nB=2'])('reads %j', (text) => {
    expect(valuesOf(parseDotenv(text))).toEqual({ A: '1', B: '2' });
  });

  it.each([
    'export A=hidden',
    ' A=hidden',
    'A hidden',
    '1A=hidden',
    'A-B=hidden',
    '=hidden',
    'hidden',
    'A: hidden',
    'A=hid\rden',
  ])('rejects %j by its line without showing it', (line) => {
    const parsed = parseDotenv(`OK=1\n# comment\n${line}\nZ=2\n`);
    expect(parsed).toEqual({ ok: false, line: 3, problem: 'is not KEY=value' });
  });

  it('rejects a duplicate key', () => {
    expect(parseDotenv('A=1\nB=2\nA=3')).toEqual({ ok: false, line: 3, problem: 'sets A a second time' });
  });

  it('reads back every rendered value', () => {
    fc.assert(
      fc.property(entries, (given) => {
        expect(valuesOf(parseDotenv(renderDotenv(['A=comment', ''], Object.entries(given))))).toEqual(given);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseDotenv(text)));
  });
});

describe('renderDotenv', () => {
  it('puts the comment first', () => {
    expect(renderDotenv(['one', 'two'], [['A', '1']])).toBe('# one\n# two\nA=1\n');
  });
});

describe('setValue', () => {
  it.each([
    ['A=1\nB=2\n', 'A=1\nB=new\n'],
    ['A=1\r\nB=2\r\n# B=3\r\n', 'A=1\r\nB=new\r\n# B=3\r\n'],
    ['\uFEFFB=2', '\uFEFFB=new'],
    ['XB=1\nB=\nBX=2', 'XB=1\nB=new\nBX=2'],
    ['A=1', 'A=1\nB=new\n'],
    ['A=1\r\n', 'A=1\r\nB=new\r\n'],
    ['', 'B=new\n'],
  ])('turns %j into %j', (before, after) => {
    expect(setValue(before, 'B', 'new')).toBe(after);
  });

  it('treats no character of the value as a pattern', () => {
    expect(setValue('B=1\n', 'B', "$&$1$'$$")).toBe("B=$&$1$'$$\n");
  });

  it('changes only one value', () => {
    fc.assert(
      fc.property(entries, key, value, fc.constantFrom('\n', '\r\n'), (given, name, next, newline) => {
        const text = renderDotenv(['x'], Object.entries(given)).replaceAll('\n', newline);
        const changed = setValue(text, name, next);
        expect(valuesOf(parseDotenv(changed))).toEqual({ ...given, [name]: next });
        const others = (lines: string) => lines.split(newline).filter((line) => !line.startsWith(`${name}=`));
        expect(others(changed)).toEqual(others(text));
      }),
    );
  });
});
