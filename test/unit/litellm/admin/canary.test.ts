import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeCanary, missOfCanary, removeCanaries } from '../../../../src/litellm/admin/canary.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import { clientOf } from '../../../support/admin-client.ts';
import { caught } from '../../../support/caught.ts';
import { startFakeLitellm } from '../../../support/fake-litellm.ts';
import type { FakeLitellm } from '../../../support/fake-litellm-state.ts';

describe.each(['1.108.11', '1.90.2'] as const)('a canary in LiteLLM %s', (version) => {
  let fake: FakeLitellm;
  const make = () => makeCanary(clientOf(fake), '0f0f');
  const canaries = () => ({ ...fake.state, credentials: Object.keys(fake.state.credentials) });

  beforeEach(async () => {
    fake = await startFakeLitellm(version);
  });
  afterEach(() => fake.close());

  test('has no faults when nothing happened to it', async () => {
    expect(await missOfCanary(clientOf(fake), await make())).toEqual([]);
  });

  test.each([
    ['its provider no longer exists', (name: string) => delete fake.state.credentials[name]],
    [
      'its provider cannot be decrypted',
      (name: string) =>
        Object.assign(fake.state.credentials[name] ?? {}, { credential_values: { api_base: 'cipher' } }),
    ],
    [
      'its alias no longer exists or cannot be decrypted; its key cannot call its alias',
      () => fake.state.models.splice(0),
    ],
    ['its key is refused', () => Object.assign(fake.state.keys[0] ?? {}, { blocked: true })],
  ])('reports its fault: %s', async (miss, harm) => {
    const canary = await make();
    harm(canary.name);
    expect((await missOfCanary(clientOf(fake), canary)).join('; ')).toBe(miss);
  });

  test('is not created when a key of its name exists', async () => {
    fake.addKey({ key_alias: 'agents-llm-canary-0f0f' });
    expect(await caught(make)).toMatchObject({
      code: 'request_rejected',
      exitCode: EXIT.rejected,
      message: 'LiteLLM already has a key agents-llm-canary-0f0f',
      hint: null,
    });
  });

  test('is removed with those of killed runs, but user data stays', async () => {
    fake.state.credentials.openai = { credential_info: {}, credential_values: { api_key: 'x' } };
    fake.state.models.push({ id: 'm', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true });
    fake.addKey({ key_alias: 'agents-service' });
    const before = structuredClone(canaries());
    await make();
    await makeCanary(clientOf(fake), 'beef');
    expect(await removeCanaries(clientOf(fake))).toBe(2);
    expect(canaries()).toEqual(before);
  });
});
