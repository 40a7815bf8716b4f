import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fits, putAlias, removeAlias } from '../../../../src/litellm/admin/aliases.ts';
import { listModels, servedAliases } from '../../../../src/litellm/admin/models.ts';
import { clientOf } from '../../../support/admin-client.ts';
import { startFakeLitellm } from '../../../support/fake-litellm.ts';
import type { FakeLitellm } from '../../../support/fake-litellm-state.ts';

const example = { name: 'openai/gpt-4o', params: {}, force: false, append: false };

describe.each([
  ['where LiteLLM shows its rows', {}],
  ['where LiteLLM shows the examples of a pattern alone', { noRows: true }],
])('a pattern created in the UI, %s', (_, faults) => {
  let fake: FakeLitellm;
  const pattern = () => fake.state.models.find(({ id }) => id === 'pattern');

  beforeEach(async () => {
    fake = await startFakeLitellm();
    Object.assign(fake.faults, faults);
    fake.state.models.push({ id: 'pattern', name: 'openai/*', params: { model: 'openai/*' }, live: true });
  });
  afterEach(() => fake.close());

  it('is listed as one row under its own name', async () => {
    fake.state.models.push({ id: 'row', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true });
    const names = (await listModels(clientOf(fake))).map(({ model_name, model_info: { id } }) => [id, model_name]);
    expect(names).toEqual([
      ['pattern', 'openai/*'],
      ['row', 'gpt-5'],
    ]);
    expect(await servedAliases(clientOf(fake))).toContain('openai/*');
  });

  it('stays when one of its examples is removed, with and without force', async () => {
    const kept = { change: 'unchanged', pattern: 'openai/*' };
    expect(await removeAlias(clientOf(fake), 'openai/gpt-4o', false)).toEqual(kept);
    expect(await removeAlias(clientOf(fake), 'openai/gpt-4o', true)).toEqual(kept);
    expect(pattern()).toMatchObject({ name: 'openai/*', params: { model: 'openai/*' } });
  });

  it.each([{}, { force: true }, { append: true }, { exact: true }])(
    'stays unchanged when an alias with the name of an example is added with %j',
    async (changes) => {
      const alias = { ...example, target: 'openai/gpt-4o-mini', ...changes };
      expect(await putAlias(clientOf(fake), alias)).toBe('created');
      expect(pattern()?.params).toEqual({ model: 'openai/*' });
      expect(fake.state.models.map(({ name }) => name)).toEqual(['openai/*', 'openai/gpt-4o']);
      expect(await putAlias(clientOf(fake), { ...alias, target: 'openai/o3', append: false })).toBe('updated');
      expect(await removeAlias(clientOf(fake), 'openai/gpt-4o', false)).toMatchObject({ change: 'removed' });
      expect(fake.state.models).toMatchObject([{ id: 'pattern', params: { model: 'openai/*' } }]);
    },
  );
});

describe('the list of LiteLLM rows', () => {
  let fake: FakeLitellm;
  beforeEach(async () => {
    fake = await startFakeLitellm();
  });
  afterEach(() => fake.close());

  it('includes rows beyond the first page, and requests whole pages', async () => {
    for (let i = 0; i < 2100; i += 1)
      fake.state.models.push({ id: `${i}`, name: `a${i}`, params: { model: 'openai/gpt-4o' }, live: true });
    expect(await listModels(clientOf(fake))).toHaveLength(2100);
    expect(fake.seen).toHaveLength(3);
  });

  it('ends, even when LiteLLM always claims more pages', async () => {
    const row = { model_name: 'x', litellm_params: {}, model_info: { id: '1' } };
    const endless = { data: [row], total_pages: 1e9 };
    fake.faults.answer = ({ path }) => (path === '/v2/model/info' ? { status: 200, body: endless } : undefined);
    expect(await listModels(clientOf(fake))).toHaveLength(1);
    expect(fake.seen).toHaveLength(2);
  });

  it("leaves out LiteLLM's A2A agents", async () => {
    const params = { model: 'a2a/clerk', custom_llm_provider: 'a2a' };
    fake.state.models.push({ id: 'agent', name: 'a2a/clerk', params, live: true });
    expect(await removeAlias(clientOf(fake), 'a2a/clerk', true)).toMatchObject({ change: 'unchanged' });
    expect(fake.state.models).toHaveLength(1);
  });

  it('does not change team rows by the public name that LiteLLM shows for them', async () => {
    const info = { team_id: 'core', team_public_model_name: 'gpt-5' };
    fake.state.models.push({ id: 'team', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, info, live: true });
    expect(await removeAlias(clientOf(fake), 'gpt-5', true)).toMatchObject({ change: 'unchanged' });
    await putAlias(clientOf(fake), { ...example, name: 'gpt-5', target: 'openai/o3' });
    expect(fake.state.models).toMatchObject([{ id: 'team', params: { model: 'openai/gpt-4o' } }, { name: 'gpt-5' }]);
  });
});

describe('fits', () => {
  it.each([
    ['openai/*', 'openai/gpt-4o', true],
    ['openai/*', 'azure/gpt-4o', false],
    ['*', 'anything', true],
    ['claude-*-latest', 'claude-opus-latest', true],
    ['claude-*-latest', 'claude-latest', false],
    ['a*b*c', 'a-c-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['a*b*c', 'a-x-c', false],
    ['gpt-5', 'gpt-5', false],
  ])('matches pattern %j with name %j: %j', (pattern, name, expected) => {
    expect(fits(pattern, name)).toBe(expected);
  });
});
