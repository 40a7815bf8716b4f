import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { putAlias, removeAlias } from '../../../../src/litellm/admin/aliases.ts';
import { putCredential, removeCredential } from '../../../../src/litellm/admin/credentials.ts';
import { testCredential } from '../../../../src/litellm/admin/test-credential.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { clientOf } from '../../../support/admin-client.ts';
import { startFakeLitellm } from '../../../support/fake-litellm.ts';
import type { FakeLitellm } from '../../../support/fake-litellm-state.ts';

const openai = {
  name: 'openai',
  provider: 'openai',
  apiKey: new Secret('sk-provider-0123456789'),
  values: { api_base: 'http://upstream/v1' },
};
const gpt5 = { name: 'gpt-5', target: 'openai/gpt-4o', credential: 'openai', params: {}, force: false, append: false };

describe.each(['1.108.11', '1.90.2'] as const)('providers and aliases in LiteLLM %s', (version) => {
  let fake: FakeLitellm;
  let client: ReturnType<typeof clientOf>;
  beforeEach(async () => {
    fake = await startFakeLitellm(version);
    client = clientOf(fake);
  });
  afterEach(() => fake.close());
  const writes = () => fake.seen.filter(({ method }) => method !== 'GET').length;

  test('creates a provider, leaves it unchanged, then updates it with another key', async () => {
    expect(await putCredential(client, openai)).toBe('created');
    expect(await putCredential(client, openai)).toBe('unchanged');
    expect(writes()).toBe(1);
    expect(await putCredential(client, { ...openai, apiKey: new Secret('sk-provider-9999999989') })).toBe('updated');
    expect(fake.state.credentials.openai?.credential_values.api_key).toBe('sk-provider-9999999989');
  });

  test('updates a provider that appears between list and create', async () => {
    fake.faults.before = ({ method }) => {
      if (method === 'POST')
        fake.state.credentials.openai = { credential_info: {}, credential_values: { api_key: 'sk-other' } };
    };
    expect(await putCredential(client, openai)).toBe('updated');
  });

  test.each([
    [
      'other values',
      () => Object.assign(fake.state.credentials.openai?.credential_values ?? {}, { api_base: 'http://other' }),
    ],
    [
      'another key',
      () => Object.assign(fake.state.credentials.openai?.credential_values ?? {}, { api_key: 'sk-other-0123456' }),
    ],
    ['none', () => delete fake.state.credentials.openai],
  ])('fails when LiteLLM shows %s after a provider was saved', async (shown, harm) => {
    fake.faults.before = ({ method }) => {
      if (method === 'GET' && fake.state.credentials.openai) harm();
    };
    await expect(putCredential(client, openai)).rejects.toMatchObject({
      code: 'request_rejected',
      exitCode: 8,
      message: `LiteLLM accepted provider "openai" but shows ${shown === 'none' ? 'none by that name' : 'other values'}`,
      hint: 'Check what it has: agents-llm provider list',
    });
  });

  test('fails when a provider disappears before its update', async () => {
    await putCredential(client, openai);
    fake.faults.before = ({ method }) => {
      if (method === 'PATCH') fake.state.credentials = {};
    };
    const wish = { ...openai, values: {} };
    await expect(putCredential(client, { ...wish, apiKey: new Secret('sk-new-key-123456789') })).rejects.toMatchObject({
      code: 'request_rejected',
      message: expect.stringContaining('Credential not found in DB.'),
    });
  });

  test.each(['a/b c', 'ключ', 'x?y#z%2F'])('creates, updates and removes the name "%s"', async (name) => {
    expect(await putCredential(client, { ...openai, name })).toBe('created');
    expect(await putCredential(client, { ...openai, name, values: {} })).toBe('updated');
    expect(await removeCredential(client, name, false)).toBe('removed');
    expect(await removeCredential(client, name, false)).toBe('unchanged');
    expect(fake.state.credentials).toEqual({});
  });

  test('leaves one row when two processes create an alias at once', async () => {
    await putCredential(client, openai);
    let waiting = 2;
    let go = () => {};
    const both = new Promise<void>((resolve) => {
      go = resolve;
    });
    // Both have listed, and found none, before the first row is made.
    fake.faults.before = async ({ path }) => {
      if (path !== '/model/new') return;
      waiting -= 1;
      if (waiting === 0) go();
      await both;
    };
    const changes = await Promise.all([putAlias(client, gpt5), putAlias(clientOf(fake), gpt5)]);
    expect(fake.state.models).toMatchObject([{ name: 'gpt-5', live: true }]);
    expect(changes).toContain('created');
  });

  test('updates an alias that another process created in the meantime', async () => {
    await putCredential(client, openai);
    fake.faults.before = ({ path }) => {
      if (path !== '/model/new' || fake.state.models.length > 0) return;
      fake.state.models.push({ id: '0', name: 'gpt-5', params: { model: 'openai/gpt-4o-mini' }, live: true });
    };
    expect(await putAlias(client, gpt5)).toBe('updated');
    expect(fake.state.models).toMatchObject([{ id: '0', params: { model: 'openai/gpt-4o' } }]);
  });

  test('removes a provider in use only with force', async () => {
    await putCredential(client, openai);
    await putAlias(client, gpt5);
    await expect(removeCredential(client, 'openai', false)).rejects.toMatchObject({
      code: 'provider_in_use',
      exitCode: 3,
      hint: expect.stringContaining('alias remove gpt-5'),
    });
    expect(await removeCredential(client, 'openai', true)).toBe('removed');
  });

  test('tests a provider with a real call and reports its refusal without a stack trace', async () => {
    await putCredential(client, openai);
    expect(await testCredential(client, 'openai', 'gpt-4o')).toEqual({ model: 'openai/gpt-4o' });
    await putCredential(client, { ...openai, apiKey: new Secret('sk-bad-0123456789') });
    const error = await testCredential(client, 'openai', 'gpt-4o').catch((reason) => reason);
    expect(error).toMatchObject({
      code: 'provider_failed',
      exitCode: 8,
      hint: expect.stringContaining('provider add openai'),
    });
    expect(error.message).toContain('Incorrect API key provided.');
    expect(error.message).not.toMatch(/Traceback|stack/);
  });

  test('does not blame the key when a provider cannot be reached', async () => {
    await putCredential(client, { ...openai, values: { api_base: 'http://nowhere.invalid/v1' } });
    await expect(testCredential(client, 'openai', 'gpt-4o')).rejects.toMatchObject({
      code: 'provider_failed',
      exitCode: 8,
      message: 'Provider "openai" did not answer as openai/gpt-4o: OpenAIException - Connection error.',
      hint: 'See what keeps the gateway from the provider: agents-llm doctor --online',
    });
  });

  test('creates an alias, leaves it unchanged, and patches it in place', async () => {
    await putCredential(client, openai);
    expect(await putAlias(client, gpt5)).toBe('created');
    expect(await putAlias(client, gpt5)).toBe('unchanged');
    expect(await putAlias(client, { ...gpt5, target: 'openai/gpt-4.1', params: { drop_params: true } })).toBe(
      'updated',
    );
    expect(fake.state.models).toHaveLength(1);
    expect(await removeAlias(client, 'gpt-5', false)).toMatchObject({ change: 'removed' });
    expect(await removeAlias(client, 'gpt-5', false)).toMatchObject({ change: 'unchanged' });
  });

  test('leaves no dead row after an unknown provider prefix, on create and on update', async () => {
    const dead = { ...gpt5, credential: undefined, target: 'not-a-provider-model' };
    const unusable = { code: 'request_rejected', exitCode: 8, hint: expect.stringContaining('openai/gpt-4o') };
    await expect(putAlias(client, dead)).rejects.toMatchObject(unusable);
    expect(fake.state.models).toEqual([]);
    await putAlias(client, { ...gpt5, credential: undefined });
    await expect(putAlias(client, dead)).rejects.toMatchObject(unusable);
    expect(fake.state.models).toMatchObject([{ params: { model: 'openai/gpt-4o' }, live: true }]);
    expect(fake.seen.filter(({ method }) => method === 'PATCH').at(-1)?.body).toEqual({
      litellm_params: { model: 'openai/gpt-4o', drop_params: true },
    });
  });

  test('refuses an unknown credential before any request, and lists the existing ones', async () => {
    await putCredential(client, openai);
    await expect(putAlias(client, { ...gpt5, credential: 'nope' })).rejects.toMatchObject({
      code: 'provider_unknown',
      hint: expect.stringContaining('Use one of: openai'),
    });
    expect(fake.state.models).toEqual([]);
  });

  test('changes an alias with several rows only with force, and adds rows only on request', async () => {
    const row = { name: 'gpt-5', params: { model: 'openai/a' }, live: true };
    fake.state.models.push({ ...row, id: '1' }, { ...row, id: '2', params: { model: 'openai/b' } });
    const wish = { ...gpt5, credential: undefined };
    await expect(putAlias(client, wish)).rejects.toMatchObject({
      code: 'alias_ambiguous',
      exitCode: 3,
      hint: expect.stringContaining('--append'),
    });
    await expect(removeAlias(client, 'gpt-5', false)).rejects.toMatchObject({ code: 'alias_ambiguous', exitCode: 3 });
    expect(await putAlias(client, { ...wish, append: true })).toBe('created');
    expect(await putAlias(client, { ...wish, append: true })).toBe('unchanged');
    expect(fake.state.models).toHaveLength(3);
    expect(await putAlias(client, { ...wish, force: true })).toBe('updated');
    expect(fake.state.models).toMatchObject([{ id: '1', params: { model: 'openai/gpt-4o' } }]);
  });

  test('refuses to change a row of the configuration file', async () => {
    fake.state.models.push({ id: '1', name: 'gpt-5', params: { model: 'openai/a' }, live: true, fromFile: true });
    await expect(putAlias(client, { ...gpt5, credential: undefined })).rejects.toMatchObject({
      message: expect.stringContaining('configuration file'),
    });
  });
});
