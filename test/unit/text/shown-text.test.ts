import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CliError } from '../../../src/model/errors.ts';
import {
  jsonText,
  listed,
  oneLine,
  oneLineEach,
  plainText,
  shellWord,
  shownText,
} from '../../../src/text/shown-text.ts';

/** What moves a cursor, turns the direction, or cannot be seen; but for newline and tab. */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the very ones
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/u;
const COMMAND = /^\s*::|##\[|##vso\[|##teamcity\[/m;

const poison = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\u001b[2J',
        '\u001b[31m',
        '\u001b]0;t\u0007',
        '\u001b]8;;http://x\u001b\\',
        '\u001b',
        '\u009b2J',
      ),
      fc.constantFrom('\n', '\r', '\u2028', '\u202e', '\u200b', '\ufeff', '\u0085', '\u0000', '\u{e0041}', ' ', '\t'),
      fc.constantFrom('::set-output name=a::b', '::', '##[add-mask]', '##vso[task]', '#', '[', ':', 'gpt-5', '\ud800'),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

describe('oneLine', () => {
  it('returns one line without terminal control sequences', () => {
    fc.assert(
      fc.property(poison, (text) => {
        const line = oneLine(text);
        expect(line).not.toMatch(/[\n\t]/);
        expect(line).not.toMatch(UNSAFE);
        expect(oneLine(line)).toBe(line);
      }),
    );
  });

  test.each([
    ['gpt-5', 'gpt-5'],
    ['größte 模型 🚀 ⚠️', 'größte 模型 🚀 ⚠️'],
    ['a\n::set-output name=x::y', 'a ::set-output name=x::y'],
    ['a\u001b[31mred\u001b[0m\u001b]8;;http://evil\u0007link', 'aredlink'],
    ['gpt\u202e5', 'gpt 5'],
    ['gpt\u200b-5', 'gpt\ufffd-5'],
    ['a\tb', 'a b'],
  ])('shows %j as %j', (text, shown) => {
    expect(oneLine(text)).toBe(shown);
  });

  it('truncates long text but never inside a character', () => {
    expect(oneLine('x'.repeat(3000))).toBe(`${'x'.repeat(1999)}…`);
    expect(oneLine('🚀🚀🚀', 4)).toBe('🚀…');
  });
});

describe('shownText', () => {
  it('keeps newlines and its own colours, but no command for the runner of a CI job', () => {
    fc.assert(
      fc.property(poison, (text) => {
        const shown = shownText(text);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
        expect(shown.replace(/\u001b\[[\d;]*m/g, '')).not.toMatch(UNSAFE);
        expect(shown).not.toMatch(COMMAND);
      }),
    );
  });

  test.each([
    ['a\n  ::add-mask::b\n', 'a\n  : :add-mask::b\n'],
    ['\u00a0::x', '\u00a0: :x'],
    ['x ##[command]y ##vso[z]', 'x # #[command]y # #vso[z]'],
    ['\u001b[31mred\u001b[39m \u001b[2J', '\u001b[31mred\u001b[39m '],
    ['http://[::1]:4000 a::b\n## heading', 'http://[::1]:4000 a::b\n## heading'],
  ])('shows %j as %j', (text, shown) => {
    expect(shownText(text)).toBe(shown);
  });
});

test('jsonText keeps the value and escapes every invisible character', () => {
  fc.assert(
    fc.property(poison, fc.jsonValue(), (text, value) => {
      const json = jsonText({ [text]: [text, value] });
      expect(json).not.toMatch(UNSAFE);
      expect(json).not.toMatch(/[\n\t]/);
      expect(shownText(json)).toBe(json);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ [text]: [text, value] })));
    }),
  );
});

test('plainText keeps the lines of a log but removes cursor movements', () => {
  fc.assert(
    fc.property(poison, (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the very ones
      expect(plainText(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    }),
  );
});

test('oneLineEach cleans lists and objects but skips the given fields', () => {
  const made = new Date(0);
  expect(oneLineEach({ 'a\nb': ['c\nd', 1, null, made], fix: 'one\ntwo', in: { fix: ['e\nf'] } }, ['fix'])).toEqual({
    'a b': ['c d', 1, null, made],
    fix: 'one\ntwo',
    in: { fix: ['e f'] },
  });
});

test('listed limits the number and the length of names in a sentence', () => {
  expect(listed(['a', 'b\nc'])).toBe('a, b c');
  expect(listed(Array.from({ length: 23 }, (_, i) => `${i}`))).toMatch(/^0, .*, 19 and 3 more$/);
  expect(listed(['x'.repeat(1e6)])).toHaveLength(100);
});

test('shellWord quotes a name as one word of a command', () => {
  expect(['gpt-5', 'openai/gpt-4o', '--force', 'a b', "it's; rm -rf ~", '$(x)', ''].map(shellWord)).toEqual([
    'gpt-5',
    'openai/gpt-4o',
    "'--force'",
    "'a b'",
    "'it'\\''s; rm -rf ~'",
    "'$(x)'",
    "''",
  ]);
});

describe('a CliError', () => {
  const poisoned = 'x\n::set-output name=a::b\u001b[2J\u202e';
  const clean = 'x ::set-output name=a::b ';

  it('removes control characters from message, hint and details', () => {
    const error = new CliError('usage', `no ${poisoned}`, { hint: [`has ${poisoned}`, 'two'], details: { poisoned } });
    expect(error).toMatchObject({
      message: `no ${clean}`,
      hint: `has ${clean}\ntwo`,
      details: { poisoned: clean },
    });
  });

  it('keeps the lines of a message that was created from lines', () => {
    const error = new CliError('usage', ['one', poisoned], { hint: 'a\nb' });
    expect(error).toMatchObject({ message: `one\n${clean}`, lines: ['one', clean], hint: 'a\nb' });
  });
});
