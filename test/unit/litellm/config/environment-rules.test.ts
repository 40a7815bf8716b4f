import { expect, test } from 'vitest';
import { parseConfig } from '../../../../src/litellm/config/parse-config.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import { caught } from '../../../support/caught.ts';

const parse = (text: string) => parseConfig(text, { shown: 'a.yaml', folder: '/app' });

test('reads values, user variables and files', () => {
  const text =
    'env:\n  B: {from: MY_B}\n  A: "x $y"\n  C: true\n  D: 3\n  E: ""\n  F: {file: ~/k.json}\n  LANGFUSE_PUBLIC_KEY: pk\naws: {profile: dev}\n';
  expect(parse(text)).toMatchObject({
    awsProfile: 'dev',
    environment: [
      { name: 'A', value: 'x $y' },
      { name: 'B', from: 'MY_B' },
      { name: 'C', value: 'true' },
      { name: 'D', value: '3' },
      { name: 'E', value: '' },
      { name: 'F', file: '~/k.json' },
      { name: 'LANGFUSE_PUBLIC_KEY', value: 'pk' },
    ],
  });
});

test.each([
  ['env:\n  LITELLM_MASTER_KEY: x\n', '2:3: env.LITELLM_MASTER_KEY: belongs to the stack, which sets it'],
  ['env:\n  PATH: {from: PATH}\n', '2:3: env.PATH: changes how programs run, so it cannot be set'],
  ['env:\n  a-b: x\n', '2:3: env.a-b: is not the name of a variable'],
  ['env:\n  A: {from: "1x"}\n', '2:13: env.A.from must be the name of a variable, such as OPENAI_API_KEY'],
  ['env:\n  A:\n', 'env.A must be a value in quotes, {from: VARIABLE} or {file: PATH}'],
  ['env:\n  A: [1]\n', '2:6: env.A must be a value in quotes, {from: VARIABLE} or {file: PATH}'],
  ['env:\n  A: 1.5\n', '2:6: env.A must be a value in quotes, {from: VARIABLE} or {file: PATH}'],
  ['env: x\n', '1:6: env must be a map of names'],
  [
    'env:\n  API_TOKEN: abc\n',
    '2:14: env.API_TOKEN: this is a secret: write {from: API_TOKEN} to take it from your environment',
  ],
  [
    'aliases:\n  a:\n    target: openai/x\n    params:\n      api_version: os.environ/NOBODY\n',
    '5:20: aliases.a.params.api_version: the gateway has no variable NOBODY: add it to env',
  ],
  [
    'aliases:\n  a:\n    target: openai/x\n    params:\n      user: os.environ/LITELLM_SALT_KEY\n',
    "5:13: aliases.a.params.user: this would read the gateway's own secrets: name a variable of env",
  ],
  ['aws: {}\n', 'aws.profile is missing'],
])('refuses %j', async (text, message) => {
  expect(await caught(() => parse(text))).toMatchObject({
    code: 'config_invalid',
    exitCode: EXIT.usage,
    message: expect.stringContaining(message),
  });
});

test('lets an alias name a variable of env', () => {
  const text =
    'env:\n  REGION: eu\naliases:\n  a:\n    target: openai/x\n    params:\n      region: os.environ/REGION\n';
  expect(parse(text).aliases[0]?.params).toEqual({ region: 'os.environ/REGION' });
});
