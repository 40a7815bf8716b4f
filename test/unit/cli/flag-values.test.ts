import { Command, InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  argument,
  bindArgument,
  parseImage,
  parseLineCount,
  parseServices,
  parseSince,
  parseTimeout,
  portArgument,
  timeoutOption,
} from '../../../src/cli/flag-values.ts';
import { parsePasswordSource } from '../../../src/stack/lifecycle/ui-password.ts';

describe.each([
  [
    'portArgument',
    portArgument,
    [
      ['4000', 4000],
      ['65535', 65535],
    ],
    ['0', '65536', '-1', '4e3', '80a', '', ' 80'],
  ],
  [
    'parseTimeout',
    parseTimeout,
    [
      ['90s', 90_000],
      ['5m', 300_000],
      ['1h30m', 5_400_000],
      ['45', 45_000],
    ],
    ['', '0', 'soon', '5x', '-3s'],
  ],
  [
    'bindArgument',
    bindArgument,
    [
      ['0.0.0.0', '0.0.0.0'],
      ['localhost', '127.0.0.1'],
    ],
    ['', '::', '256.1.1.1', 'example.org'],
  ],
  [
    'parseImage',
    parseImage,
    [
      ['a/b:1', 'a/b:1'],
      ['r:5000/x@sha256:ab', 'r:5000/x@sha256:ab'],
    ],
    ['', '-x', 'a b', 'a;b', 'a$b'],
  ],
  [
    'parseLineCount',
    parseLineCount,
    [
      ['0', 0],
      ['100', 100],
    ],
    ['', '-1', '1.5', 'all'],
  ],
  [
    'parseSince',
    parseSince,
    [
      ['10m', '600s'],
      ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00Z'],
      ['2026-01-31', '2026-01-31'],
    ],
    ['', 'yesterday', '12:00'],
  ],
  [
    'parseServices',
    (text: string) => parseServices(text, ['litellm']),
    [['litellm-db', ['litellm', 'litellm-db']]],
    ['', 'db', 'postgres'],
  ],
  [
    'parsePasswordSource',
    argument(parsePasswordSource),
    [
      ['stdin', { kind: 'stdin' }],
      ['generate', { kind: 'generate' }],
      ['env:X', { kind: 'env', name: 'X' }],
      ['file:/a b', { kind: 'file', name: '/a b' }],
    ],
    ['', 'hunter2', 'env:', 'file:'],
  ],
] as const)(
  '%s',
  (_, parse: (text: string) => unknown, good: readonly (readonly [string, unknown])[], bad: readonly string[]) => {
    it.each(good.map(([text, value]) => ({ text, value })))('accepts $text', ({ text, value }) => {
      expect(parse(text)).toEqual(value);
    });

    it.each(bad.map((text) => ({ text })))('refuses "$text"', ({ text }) => {
      expect(() => parse(text)).toThrow(InvalidArgumentError);
    });
  },
);

it('shows the timeout as it was given, not in milliseconds', () => {
  const command = new Command('up').addOption(timeoutOption());
  expect(command.helpInformation()).toContain('(default: 300s)');
  expect(command.parse([], { from: 'user' }).opts()).toEqual({ timeout: 300_000 });
  expect(command.parse(['--timeout', '90s'], { from: 'user' }).opts()).toEqual({ timeout: 90_000 });
});

it('does not repeat a password given as an argument', () => {
  expect(() => parsePasswordSource('hunter2-secret')).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
  );
});
