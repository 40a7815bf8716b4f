import { describe, expect, test } from 'vitest';
import type { CredentialRow, ModelRow } from '../../../../src/litellm/admin/schemas.ts';
import { movedKeys } from '../../../../src/litellm/apply/moved-keys.ts';
import type { Step, Work } from '../../../../src/litellm/apply/plan.ts';

type Values = Record<string, string>;
const row = (values: Values, provider = 'openai'): CredentialRow => ({
  credential_name: 'openai',
  credential_info: { custom_llm_provider: provider },
  credential_values: { api_key: 'sk****56', ...values },
});
const model = (params: Record<string, unknown>): ModelRow => ({
  model_name: 'gpt-5',
  litellm_params: { model: 'openai/gpt-4o', ...params },
  model_info: { id: '1' },
});
const step = (work: Work): Step => ({ action: 'update', kind: 'alias', name: '', changes: [], work });
const provider = (values: Values, kind = 'openai') =>
  step({ kind: 'put-provider', credential: { name: 'openai', provider: kind, apiKey: undefined, values } });
const alias = (params: Record<string, unknown>, credential: string | undefined = 'openai') =>
  step({
    kind: 'put-alias',
    alias: { name: 'gpt-5', target: 'openai/gpt-4o', credential, params, force: false, append: false },
  });
const moved = (one: Step, credentials: CredentialRow[], models: ModelRow[] = []) =>
  movedKeys([one], { credentials, models });

const EVIL = 'https://evil.example/v1';

describe('an existing provider', () => {
  test.each<[string, Step, CredentialRow, string[]]>([
    [
      'gets an address',
      provider({ api_base: EVIL }),
      row({}),
      [`Provider key openai is sent to ${EVIL} instead of its usual address`],
    ],
    [
      'gets another address',
      provider({ api_base: EVIL }),
      row({ api_base: 'https://llm.corp' }),
      [`Provider key openai is sent to ${EVIL} instead of https://llm.corp`],
    ],
    [
      'loses its address',
      provider({}),
      row({ api_base: 'https://llm.corp' }),
      ['Provider key openai is sent to the usual address of openai instead of https://llm.corp'],
    ],
    ['becomes another one', provider({}, 'xai'), row({}), ['Provider key openai is sent to xai instead of openai']],
    [
      'gets a region that is a host',
      provider({ aws_region_name: 'evil.example/#' }),
      row({}),
      ['Provider key openai is sent to evil.example/# instead of its usual address'],
    ],
    [
      'gets a host that is not the one that it begins with',
      provider({ api_base: 'https://api.openai.com@evil.example/v1' }),
      row({}),
      [
        'Provider key openai is sent to evil.example (https://api.openai.com@evil.example/v1) instead of its usual address',
      ],
    ],
    [
      'gets a host in letters that look like others',
      provider({ api_base: 'https://\u0430pi.openai.com/v1' }),
      row({}),
      [
        'Provider key openai is sent to xn--pi-6kc.openai.com (https://\u0430pi.openai.com/v1) instead of its usual address',
      ],
    ],
    [
      'gets an address with control characters',
      provider({ api_base: 'https://evil.example/\u001b[2K\r\u202e' }),
      row({}),
      ['Provider key openai is sent to https://evil.example/ instead of its usual address'],
    ],
    [
      'gets an address that would fill the line',
      provider({ api_base: `https://evil.example/${' '.repeat(200)}! all is well` }),
      row({}),
      ['Provider key openai is sent to https://evil.example/ ! all is well instead of its usual address'],
    ],
    ['keeps its address', provider({ api_base: EVIL }), row({ api_base: EVIL }), []],
    ['gets what is no address', provider({ organization: 'shop', api_version: '2024-10-21' }), row({}), []],
  ])('%s', (_, one, before, risks) => {
    expect(moved(one, [before])).toEqual(risks);
  });
});

test('reports no risk for a new provider, because the approval of the file covers it', () => {
  expect(moved(provider({ api_base: EVIL }), [])).toEqual([]);
});

describe('the risk of an alias', () => {
  const risk = `Alias gpt-5 sends prompts and provider key openai to ${EVIL}`;
  test.each<[string, Step, CredentialRow[], ModelRow[], string[]]>([
    ['that is new, of a stored key', alias({ api_base: EVIL }), [row({})], [], [risk]],
    ['that exists, of a stored key', alias({ api_base: EVIL }), [row({})], [model({})], [risk]],
    [
      'that exists with a key of its own',
      alias({ api_base: EVIL }, undefined),
      [],
      [model({ api_key: 'sk****56' })],
      [`Alias gpt-5 sends prompts to ${EVIL}`],
    ],
    [
      'that gets the stored key while it leads elsewhere',
      alias({ api_base: EVIL }),
      [row({})],
      [model({ api_base: EVIL, litellm_credential_name: 'evil' })],
      [risk],
    ],
    ['with an address deep inside', alias({ extra: { proxies: [{ url: EVIL }] } }), [row({})], [], [risk]],
    [
      'that is so already',
      alias({ api_base: EVIL, temperature: 1 }),
      [row({})],
      [model({ api_base: EVIL, litellm_credential_name: 'openai' })],
      [],
    ],
    ['at the address that its key has', alias({ api_base: EVIL }), [row({ api_base: EVIL })], [], []],
    ['that is new, as its provider is', alias({ api_base: EVIL }), [], [], []],
    ['without an address', alias({ temperature: 1, base_model: 'azure/gpt-4', note: 'a b: c' }), [row({})], [], []],
  ])('%s', (_, one, credentials, models, risks) => {
    expect(moved(one, credentials, models)).toEqual(risks);
  });
});

describe('an alias that gets another provider', () => {
  const evil = step({
    kind: 'put-provider',
    credential: { name: 'evil', provider: 'openai', apiKey: undefined, values: { api_base: EVIL } },
  });
  const repointed = [evil, alias({}, 'evil')];
  const risk = `Alias gpt-5 sends prompts to ${EVIL}`;
  const before = model({ litellm_credential_name: 'openai' });

  test('is a risk with an address of its own, in the same plan or before it', () => {
    expect(movedKeys(repointed, { credentials: [row({})], models: [before] })).toEqual([risk]);
    const stored = { ...row({ api_base: EVIL }), credential_name: 'evil' };
    expect(movedKeys([alias({}, 'evil')], { credentials: [row({}), stored], models: [before] })).toEqual([risk]);
    expect(movedKeys(repointed, { credentials: [], models: [model({})] })).toEqual([risk]);
  });

  test('is no risk at the address of its previous provider, or for a new alias', () => {
    expect(movedKeys(repointed, { credentials: [row({ api_base: EVIL })], models: [before] })).toEqual([]);
    expect(movedKeys(repointed, { credentials: [row({})], models: [] })).toEqual([]);
    const own = model({ litellm_credential_name: 'evil' });
    expect(movedKeys(repointed, { credentials: [row({})], models: [own] })).toEqual([]);
  });
});
