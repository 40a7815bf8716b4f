import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { autoProvision, CliError, provisionVirtualKey } from '../../src/index.ts';
import { MASTER_KEY, startFakeLitellm } from '../support/fake-litellm.ts';
import type { FakeLitellm } from '../support/fake-litellm-state.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let fake: FakeLitellm;
let home: string;

beforeEach(async () => {
  fake = await startFakeLitellm();
  fake.state.models.push({ id: '1', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true });
  home = await temporaryFolder();
});
afterEach(() => {
  vi.unstubAllEnvs();
  return fake.close();
});

interface Failure {
  readonly env?: Readonly<Record<string, string>>;
  /** Causes the failure. */
  readonly harm?: () => void | Promise<void>;
  readonly code: string;
  readonly exitCode: number;
  readonly retryable?: boolean;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const usage = (variable: string, value: string, message: RegExp, hint: RegExp): Failure => ({
  env: { [variable]: value },
  code: 'usage',
  exitCode: 2,
  message,
  hint,
});

/** With a saved alias, a second process uses the virtual key that the first one saved. */
const named = { LITELLM_KEY_ALIAS: 'service' };
const provisionNamed = () => provision(named);
const provision = (env: Readonly<Record<string, string>> = {}) =>
  autoProvision({
    env: { LITELLM_BASE_URL: fake.url, LITELLM_MASTER_KEY: MASTER_KEY, AGENTS_LLM_HOME: home, ...env },
    waitMs: 0,
  });

const FAILURES: Readonly<Record<string, Failure>> = {
  'an address that is none': usage(
    'LITELLM_BASE_URL',
    'nope',
    /^LITELLM_BASE_URL is not a valid address/,
    /http:\/\/127/,
  ),
  'a master key of two lines': usage('LITELLM_MASTER_KEY', 'sk-a\nb', /^LITELLM_MASTER_KEY contains a space/, /Set it/),
  'a lifetime that is none': usage(
    'LITELLM_KEY_DURATION',
    '30',
    /^LITELLM_KEY_DURATION is not a valid lifetime: "30"/,
    /30d/,
  ),
  'a model without a name': usage('LITELLM_MODELS', 'a,,b', /^LITELLM_MODELS contains an empty name/, /gpt-5,fast/),
  'a budget that is none': usage(
    'LITELLM_MAX_BUDGET',
    '-1',
    /^LITELLM_MAX_BUDGET is not a valid number: "-1"/,
    /unset/,
  ),
  'a request limit that is none': usage(
    'LITELLM_RPM_LIMIT',
    '1.5',
    /^LITELLM_RPM_LIMIT is not a valid number: "1.5"/,
    /unset/,
  ),
  'a token limit that is none': usage(
    'LITELLM_TPM_LIMIT',
    'many',
    /^LITELLM_TPM_LIMIT is not a valid number: "many"/,
    /unset/,
  ),
  'a refused master key': {
    env: { LITELLM_MASTER_KEY: 'sk-wrong-0123456789' },
    code: 'key_refused',
    exitCode: 4,
    message: /refused the master key from LITELLM_MASTER_KEY/,
    hint: /Set LITELLM_MASTER_KEY/,
  },
  'nothing that listens': {
    env: { LITELLM_BASE_URL: 'http://127.0.0.1:1' },
    code: 'proxy_unreachable',
    exitCode: 8,
    retryable: true,
    message: /http:\/\/127.0.0.1:1 cannot be reached \(ECONNREFUSED\)/,
    hint: /Check the address/,
  },
  'another program uses that port': {
    harm: () => void Object.assign(fake.faults, { html: true }),
    code: 'not_litellm',
    exitCode: 8,
    message: /is not LiteLLM: it answered HTTP 200 with text\/html/,
    hint: /another program uses that port/,
  },
  'a proxy without its database': {
    harm: () => void Object.assign(fake.faults, { databaseLost: true }),
    code: 'database_lost',
    exitCode: 7,
    retryable: true,
    message: /has lost its database/,
    hint: /Start its database again/,
  },
  'models that are not there': {
    env: { LITELLM_MODELS: 'gpt-5,nope' },
    code: 'models_missing',
    exitCode: 8,
    message: /^LiteLLM has no model nope$/,
    hint: /Use one of: gpt-5/,
  },
  'a team that is not there': {
    env: { LITELLM_TEAM_ID: 'nope' },
    code: 'team_unknown',
    exitCode: 8,
    message: /no team "nope"/,
    hint: /Create the team in the UI/,
  },
  'a name that someone else has': {
    env: named,
    harm: () => void fake.addKey({ key_alias: 'service', created_by: 'ann' }),
    code: 'key_not_ours',
    exitCode: 3,
    message: /was created by someone else \(ann\)/,
    hint: /Choose another name/,
  },
  'a key that is not saved here': {
    env: { ...named, AGENTS_LLM_HOME: '/nowhere' },
    harm: async () => {
      await provisionNamed();
      // For 5 s after its creation another process may still be saving it.
      Object.assign(fake.state.keys[0] ?? {}, { created_at: new Date(0).toISOString() });
    },
    code: 'key_lost',
    exitCode: 3,
    message: /is not saved here/,
    hint: /--rotate/,
  },
  'a key that is blocked': {
    env: named,
    harm: async () => {
      await provisionNamed();
      Object.assign(fake.state.keys[0] ?? {}, { blocked: true });
    },
    code: 'key_blocked',
    exitCode: 3,
    message: /is blocked in LiteLLM/,
    hint: /--rotate/,
  },
  'a connection that is lost': {
    harm: () => void Object.assign(fake.faults, { cutAfter: '/key/generate' }),
    code: 'outcome_unknown',
    exitCode: 8,
    retryable: true,
    message: /so it is unknown whether the change was made/,
    hint: /Or run the same command again, which is safe/,
  },
};

describe.each(Object.entries(FAILURES))('%s', (_, failure) => {
  const { harm = () => {}, env, code, exitCode, retryable = false, message, hint } = failure;

  test('is a CliError that gives the reason, the fix and whether to retry', async () => {
    await harm();
    const given = { LITELLM_BASE_URL: fake.url, LITELLM_MASTER_KEY: MASTER_KEY, AGENTS_LLM_HOME: home, ...env };
    const before = { ...given };
    const error = await autoProvision({ env: given, waitMs: 0 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CliError);
    expect(error).toMatchObject({ code, exitCode, retryable });
    expect((error as CliError).message).toMatch(message);
    expect((error as CliError).hint).toMatch(hint);
    expect(JSON.stringify(error)).not.toContain(MASTER_KEY);
    expect(given).toEqual(before);
  });
});

describe('renew', () => {
  const provisioned = async () => {
    const result = await provision();
    if (!result.provisioned) throw new Error(result.reason);
    return result;
  };

  test('reports that its key no longer exists', async () => {
    const result = await provisioned();
    fake.state.keys = [];
    await expect(result.renew()).rejects.toMatchObject({
      name: 'CliError',
      code: 'request_rejected',
      exitCode: 8,
      retryable: false,
      message: 'LiteLLM rejected POST /key/update (404): Key not found in database',
    });
  });

  test('can be retried while the gateway is down', async () => {
    const result = await provisioned();
    fake.faults.cutBefore = 1;
    await expect(result.renew()).rejects.toMatchObject({ code: 'outcome_unknown', retryable: true });
    expect(await result.renew()).toBeInstanceOf(Date);
  });
});

describe('provisionVirtualKey', () => {
  const options = () => ({ baseUrl: fake.url, masterKey: MASTER_KEY });
  beforeEach(() => {
    vi.stubEnv('AGENTS_LLM_HOME', home);
    for (const name of ['LITELLM_BASE_URL', 'LITELLM_MASTER_KEY']) vi.stubEnv(name, undefined);
  });

  test.each<[string, Parameters<typeof provisionVirtualKey>[0], string, number]>([
    ['no stack and no address', {}, 'not_running', 10],
    ['no master key', { baseUrl: 'http://127.0.0.1:1' }, 'usage', 2],
    ['an address that is none', { baseUrl: 'nope', masterKey: 'sk-a' }, 'usage', 2],
    ['an address with a password', { baseUrl: 'http://u:p@x', masterKey: 'sk-a' }, 'usage', 2],
  ])('%s is a CliError', async (_, given, code, exitCode) => {
    await expect(provisionVirtualKey(given)).rejects.toMatchObject({ name: 'CliError', code, exitCode });
  });

  test('reports the message of LiteLLM when it rejects a value', async () => {
    await expect(provisionVirtualKey({ ...options(), maxBudget: -1 })).rejects.toMatchObject({
      code: 'request_rejected',
      exitCode: 8,
      retryable: false,
      message: expect.stringContaining('max_budget must be a non-negative finite number'),
    });
  });

  test('does not send an invalid lifetime', async () => {
    await expect(provisionVirtualKey({ ...options(), duration: '1year' })).rejects.toMatchObject({ code: 'usage' });
    expect(fake.seen).toEqual([]);
  });

  test('replaces the key of another owner with rotate and force together', async () => {
    fake.addKey({ key_alias: 'agents-service', created_by: 'ann' });
    const rotate = { ...options(), rotate: true };
    await expect(provisionVirtualKey(rotate)).rejects.toMatchObject({ code: 'key_not_ours', exitCode: 3 });
    expect(await provisionVirtualKey({ ...rotate, force: true })).toMatchObject({ change: 'rotated' });
  });

  test('allows missing models on request and warns about them', async () => {
    const made = await provisionVirtualKey({ ...options(), models: ['nope'], allowMissingModels: true });
    expect(made).toMatchObject({ models: ['nope'], warnings: ['LiteLLM has no model nope yet'] });
  });

  test('waits for a gateway that is starting up to its time limit', async () => {
    fake.faults.html = true;
    setTimeout(() => Object.assign(fake.faults, { html: false }), 200);
    expect(await provisionVirtualKey({ ...options(), waitMs: 10_000 })).toMatchObject({ change: 'created' });
  });

  test('ends with the reason of its abort signal', async () => {
    fake.faults.html = true;
    const signal = AbortSignal.timeout(100);
    await expect(provisionVirtualKey({ ...options(), waitMs: 10_000, signal })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });
});
