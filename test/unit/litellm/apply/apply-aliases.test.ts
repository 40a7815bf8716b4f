import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configFromProxy } from '../../../../src/litellm/apply/config-from-proxy.ts';
import { stepLine } from '../../../../src/litellm/apply/plan-view.ts';
import { readProxy } from '../../../../src/litellm/apply/read-proxy.ts';
import { renderConfig } from '../../../../src/litellm/config/render-config.ts';
import { applySetup } from '../../../support/apply-setup.ts';
import { caught } from '../../../support/caught.ts';
import { startFakeLitellm } from '../../../support/fake-litellm.ts';
import type { FakeLitellm } from '../../../support/fake-litellm-state.ts';

describe.each(['1.108.11', '1.90.2'] as const)('applied aliases in LiteLLM %s', (version) => {
  let fake: FakeLitellm;
  let folder: string;
  let setup: ReturnType<typeof applySetup>;
  const apply: ReturnType<typeof applySetup>['apply'] = (...args) => setup.apply(...args);
  const lines = (applied: Awaited<ReturnType<typeof apply>>) => applied.plan.map(stepLine);
  const params = () => fake.state.models.map((row) => row.params);
  const fromProxy = async () =>
    configFromProxy(await readProxy(setup.admin, { keys: [] }), () => false).fields.aliases ?? {};
  /** Applies what LiteLLM has as a file again. */
  const applyItself = async () => apply(renderConfig({ name: 'shop', aliases: await fromProxy() }, 'schema.json'));

  beforeEach(async () => {
    fake = await startFakeLitellm(version);
    folder = await mkdtemp(join(tmpdir(), 'agents-llm-apply-'));
    setup = applySetup(fake, folder);
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
    await fake.close();
  });

  describe('drop_params', () => {
    const file = (more = '') => `name: shop\naliases:\n  gpt-5: {target: openai/gpt-4o${more}}\n`;

    test('is set once when the alias name suggests another model', async () => {
      expect(lines(await apply(file()))).toEqual(['+ alias gpt-5: openai/gpt-4o, drop_params true']);
      expect(params()).toEqual([{ model: 'openai/gpt-4o', drop_params: true }]);
      expect((await apply(file())).change).toBe('unchanged');
      expect((await applyItself()).change).toBe('unchanged');
    });

    test('is not set when the file says false, and follows the file', async () => {
      await apply(file(', params: {drop_params: false}'));
      expect(params()).toEqual([{ model: 'openai/gpt-4o', drop_params: false }]);
      expect((await apply(file(', params: {drop_params: false}'))).change).toBe('unchanged');
      expect((await applyItself()).change).toBe('unchanged');
      expect(lines(await apply(file()))).toEqual(['~ alias gpt-5: drop_params false -> true']);
      expect((await apply(file())).change).toBe('unchanged');
    });

    test('is not added to a row of an earlier version until its target changes', async () => {
      const info = { agents_llm_file: 'shop', agents_llm_params: [] };
      fake.state.models.push({ id: '1', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, info, live: true });
      expect((await apply(file())).change).toBe('unchanged');
      expect((await applyItself()).change).toBe('unchanged');
      expect(lines(await apply(file().replace('4o', '4.1')))).toEqual([
        '~ alias gpt-5: target openai/gpt-4o -> openai/gpt-4.1, drop_params none -> true',
      ]);
    });

    test.each(['gpt-4o', 'openai/gpt-4o', '*'])(
      'is not set for %s, whose target is the model it names',
      async (name) => {
        const target = name === '*' ? 'openai/*' : 'openai/gpt-4o';
        await apply(`aliases:\n  '${name}': {target: '${target}'}\n`);
        expect(params()).toEqual([{ model: target }]);
      },
    );
  });

  test('applies a mock without a target, turns it into a model, and exports it', async () => {
    const mock = 'name: shop\naliases:\n  gpt-5: {mock: pong}\n';
    expect(lines(await apply(mock))).toEqual(['+ alias gpt-5: openai/gpt-5, mock_response pong']);
    expect((await apply(mock)).change).toBe('unchanged');
    expect(await fromProxy()).toEqual({ 'gpt-5': { mock: 'pong', target: 'openai/gpt-5' } });
    expect((await applyItself()).change).toBe('unchanged');
    expect(lines(await apply('name: shop\naliases:\n  gpt-5: {target: openai/gpt-5}\n'))).toEqual([
      '~ alias gpt-5: mock_response pong removed',
    ]);
    expect(params()).toEqual([{ model: 'openai/gpt-5' }]);
  });

  test('sets, changes, resets and exports mode, base model and prices', async () => {
    const text = (fields: string) => `name: shop\naliases:\n  local: {target: ollama/llama3, ${fields}}\n`;
    const all = 'mode: embedding, base_model: azure/gpt-4o, input_price: 1.25, output_price: 10';
    await apply(text(all));
    expect(fake.state.models).toMatchObject([
      {
        params: { model: 'ollama/llama3', input_cost_per_token: 0.00000125, output_cost_per_token: 0.00001 },
        info: { mode: 'embedding', base_model: 'azure/gpt-4o' },
      },
    ]);
    expect(params()[0]).not.toHaveProperty('mode');
    expect((await apply(text(all))).change).toBe('unchanged');
    expect(await fromProxy()).toMatchObject({
      local: { mode: 'embedding', base_model: 'azure/gpt-4o', input_price: 1.25, output_price: 10 },
    });
    expect((await applyItself()).change).toBe('unchanged');
    expect(lines(await apply(text(all.replace('1.25', '2'))))).toEqual([
      '~ alias local: input_cost_per_token 0.00000125 -> 0.000002',
    ]);
    await apply(text('input_price: 2, output_price: 10'));
    expect(fake.state.models[0]?.info).not.toHaveProperty('mode');
    expect((await apply(text('input_price: 2, output_price: 10'))).change).toBe('unchanged');
  });

  describe('several targets', () => {
    const text = (weight = 3) => `name: shop
aliases:
  gpt-5:
    targets:
      - {target: openai/gpt-4o, weight: ${weight}}
      - {target: azure/gpt-4o, weight: 1, params: {drop_params: false}}
`;

    test('get a row each, are replaced one by one, and are exported', async () => {
      expect(lines(await apply(text()))).toEqual([
        '+ alias gpt-5: openai/gpt-4o, weight 3, drop_params true, azure/gpt-4o, drop_params false, weight 1',
      ]);
      expect(params()).toMatchObject([
        { model: 'openai/gpt-4o', weight: 3, drop_params: true },
        { model: 'azure/gpt-4o', weight: 1, drop_params: false },
      ]);
      expect((await apply(text())).change).toBe('unchanged');
      expect((await applyItself()).change).toBe('unchanged');
      const [, azure] = fake.state.models.map(({ id }) => id);
      expect(lines(await apply(text(9)))).toEqual([
        '~ alias gpt-5: openai/gpt-4o weight 9 drop_params true added, openai/gpt-4o weight 3 removed',
      ]);
      expect(fake.state.models).toMatchObject([{ id: azure }, { params: { weight: 9 } }]);
    });

    test('are merged into one, and are removed together', async () => {
      await apply(text());
      await apply('name: shop\naliases:\n  gpt-5: {target: openai/gpt-4o}\n');
      expect(params()).toEqual([{ model: 'openai/gpt-4o', drop_params: true }]);
      await apply(text());
      expect(lines(await apply('name: shop\n', { prune: true }))).toEqual(['- alias gpt-5']);
      expect(params()).toEqual([]);
    });

    test('do not replace rows of other owners without force', async () => {
      const row = { name: 'gpt-5', params: { model: 'openai/o3' }, live: true };
      fake.state.models.push({ ...row, id: '1' }, { ...row, id: '2' });
      expect(await caught(() => apply(text()))).toMatchObject({ code: 'alias_ambiguous', exitCode: 3 });
      await apply(text(), { force: true });
      expect(params()).toMatchObject([{ model: 'openai/gpt-4o' }, { model: 'azure/gpt-4o' }]);
    });
  });

  describe('fallbacks', () => {
    const text = (fallbacks = 'fallbacks: [fast]') => `name: shop
aliases:
  openai/gpt-4o: {target: openai/gpt-4o, ${fallbacks}}
  fast: {target: openai/fast}
`;

    test('are set after all aliases exist, are changed, and are exported', async () => {
      fake.state.fallbacks.push({ other: ['x'] });
      expect(lines(await apply(text()))).toEqual([
        '+ alias openai/gpt-4o: openai/gpt-4o',
        '+ alias fast: openai/fast',
        '+ fallbacks openai/gpt-4o: fast',
      ]);
      expect(fake.state.fallbacks).toEqual([{ other: ['x'] }, { 'openai/gpt-4o': ['fast'] }]);
      expect((await apply(text())).change).toBe('unchanged');
      expect((await applyItself()).change).toBe('unchanged');
      expect((await apply(text('params: {}'))).change).toBe('unchanged');
      expect(lines(await apply(text('fallbacks: []')))).toEqual(['- fallbacks openai/gpt-4o']);
      expect(fake.state.fallbacks).toEqual([{ other: ['x'] }]);
    });

    test('are removed with their alias', async () => {
      await apply(text());
      expect(lines(await apply('name: shop\n', { prune: true }))).toEqual([
        '- fallbacks openai/gpt-4o',
        '- alias openai/gpt-4o',
        '- alias fast',
      ]);
      expect(fake.state.fallbacks).toEqual([]);
    });

    test('fail before any change if they do not exist', async () => {
      expect(await caught(() => apply(text('fallbacks: [slow]')))).toMatchObject({
        code: 'models_missing',
        exitCode: 8,
        message: 'LiteLLM has no model slow',
      });
      expect(fake.state.models).toEqual([]);
    });
  });
});
