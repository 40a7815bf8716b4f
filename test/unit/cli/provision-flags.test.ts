import { describe, expect, test } from 'vitest';
import { keyWish, type ProvisionFlags } from '../../../src/cli/provision-flags.ts';

const NOTHING = {
  alias: 'agents-service',
  models: undefined,
  duration: undefined,
  maxBudget: undefined,
  rpmLimit: undefined,
  tpmLimit: undefined,
  teamId: undefined,
  metadata: {},
  rotate: false,
  force: false,
  allowMissingModels: false,
};

const VARIABLES = {
  LITELLM_KEY_ALIAS: 'service',
  LITELLM_MODELS: 'gpt-5, fast,gpt-5',
  LITELLM_KEY_DURATION: '12h',
  LITELLM_MAX_BUDGET: '2.5',
  LITELLM_RPM_LIMIT: '60',
  LITELLM_TPM_LIMIT: '1000',
  LITELLM_TEAM_ID: 'core',
};

test('sets nothing without flags, or with empty variables', () => {
  expect(keyWish({}, {})).toEqual(NOTHING);
  expect(keyWish({}, Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, ''])))).toEqual(NOTHING);
});

test('reads the variables and drops duplicate models', () => {
  expect(keyWish({}, VARIABLES)).toEqual({
    ...NOTHING,
    alias: 'service',
    models: ['gpt-5', 'fast'],
    duration: '12h',
    maxBudget: 2.5,
    rpmLimit: 60,
    tpmLimit: 1000,
    teamId: 'core',
  });
});

test('prefers a flag over its variable', () => {
  const flags: ProvisionFlags = {
    alias: 'mine',
    models: 'one',
    duration: '7d',
    maxBudget: '0',
    rpmLimit: '1',
    tpmLimit: '2',
    teamId: 'other',
    metadata: { n: '3', list: '[1]', text: 'a b' },
    rotate: true,
    force: true,
    allowMissingModels: true,
  };
  expect(keyWish(flags, VARIABLES)).toEqual({
    alias: 'mine',
    models: ['one'],
    duration: '7d',
    maxBudget: 0,
    rpmLimit: 1,
    tpmLimit: 2,
    teamId: 'other',
    metadata: { n: 3, list: [1], text: 'a b' },
    rotate: true,
    force: true,
    allowMissingModels: true,
  });
});

describe('reports an invalid value as a usage error that names its source', () => {
  test.each<[string, ProvisionFlags, Record<string, string>, string]>([
    ['an empty name', { alias: ' ' }, {}, '--alias: a key name cannot be empty or contain control characters'],
    ['a name with a newline', { alias: 'a\nb' }, {}, '--alias: a key name cannot be empty or contain'],
    ['a model without a name', {}, { LITELLM_MODELS: 'a,' }, 'LITELLM_MODELS: a model name is empty'],
    ['no model at all', { models: '' }, {}, '--models: a model name is empty'],
    ['a lifetime', {}, { LITELLM_KEY_DURATION: '1year' }, 'LITELLM_KEY_DURATION is not a valid lifetime: "1year"'],
    ['a budget', { maxBudget: '-1' }, {}, '--max-budget: "-1" is not dollars, such as 5 or 0.5'],
    ['a budget with a comma', {}, { LITELLM_MAX_BUDGET: '1,5' }, 'LITELLM_MAX_BUDGET: "1,5" is not dollars'],
    ['a request limit', {}, { LITELLM_RPM_LIMIT: '1e3' }, 'LITELLM_RPM_LIMIT: "1e3" is not a whole number'],
    ['a token limit', { tpmLimit: '' }, {}, '--tpm-limit: "" is not a whole number'],
  ])('%s', (_, flags, env, message) => {
    expect(() => keyWish(flags, env)).toThrow(
      expect.objectContaining({
        code: 'usage',
        exitCode: 2,
        message: expect.stringContaining(message),
        hint: expect.any(String),
      }),
    );
  });
});
