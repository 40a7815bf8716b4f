import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addEnvironmentFlags } from '../../../src/cli/environment-flags.ts';

function parse(...args: string[]) {
  const command = addEnvironmentFlags(new Command('up'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return command.parse(args, { from: 'user' }).opts();
}

test('accepts values, names and files, and the last value of a name wins', () => {
  expect(parse('--env', 'A=1', '--env', 'B', '--env', 'A=x=y', '--env-file', 'a', '--env-file', 'b')).toEqual({
    env: [
      { name: 'B', value: undefined },
      { name: 'A', value: 'x=y' },
    ],
    envFile: ['a', 'b'],
  });
  expect(parse('--env', 'off', '--env-file', 'off')).toEqual({ env: [], envFile: [] });
  expect(parse('--env', 'A=')).toEqual({ env: [{ name: 'A', value: '' }] });
  expect(parse('--env', 'LANGFUSE_PUBLIC_KEY=pk-1').env).toHaveLength(1);
});

test.each([
  ['LITELLM_MASTER_KEY', 'LITELLM_MASTER_KEY belongs to the stack, which sets it'],
  ['PATH=/x', 'PATH changes how programs run, so it cannot be set'],
  ['=x', 'Use NAME or NAME=VALUE'],
  ['sk-abcdefghijklmnop1', 'Use NAME or NAME=VALUE'],
  [
    'API_TOKEN=abcdef',
    'API_TOKEN is a secret, but others can read command lines. Take it from your environment: --env API_TOKEN',
  ],
  ['A=sk-abcdefghijklmnop1234', 'A is a secret, but others can read command lines'],
  ['REDIS_URL=redis://:hunter@cache', 'REDIS_URL is a secret, but others can read command lines'],
])('refuses %s', (text, message) => {
  expect(() => parse('--env', text)).toThrow(message);
});
