import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { putAlias } from '../../../../src/litellm/admin/aliases.ts';
import { putCredential } from '../../../../src/litellm/admin/credentials.ts';
import { configFromProxy } from '../../../../src/litellm/apply/config-from-proxy.ts';
import { stepLine } from '../../../../src/litellm/apply/plan-view.ts';
import { readProxy } from '../../../../src/litellm/apply/read-proxy.ts';
import { provisionKey } from '../../../../src/litellm/keys/provision-key.ts';
import { interruption } from '../../../../src/model/errors.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { applySetup, VARIABLES } from '../../../support/apply-setup.ts';
import { caught } from '../../../support/caught.ts';
import { startFakeLitellm } from '../../../support/fake-litellm.ts';
import type { FakeLitellm } from '../../../support/fake-litellm-state.ts';

const FILE = `name: shop
providers:
  openai:
    api_key_env: OPENAI_API_KEY
    api_base: http://upstream/v1
aliases:
  gpt-5:
    target: openai/gpt-4o
    provider: openai
    params: {drop_params: true}
keys:
  app:
    models: [gpt-5]
    max_budget: 5
    write_env: {file: .env}
`;

describe.each(['1.108.11', '1.90.2'] as const)('apply on LiteLLM %s', (version) => {
  let fake: FakeLitellm;
  let folder: string;
  let setup: ReturnType<typeof applySetup>;
  const writes = () => fake.seen.filter(({ method }) => method !== 'GET').length;
  const apply: ReturnType<typeof applySetup>['apply'] = (...args) => setup.apply(...args);
  const lines = (applied: Awaited<ReturnType<typeof apply>>) => applied.plan.map(stepLine);
  const env = () => readFile(join(folder, '.env'), 'utf8');

  beforeEach(async () => {
    fake = await startFakeLitellm(version);
    folder = await mkdtemp(join(tmpdir(), 'agents-llm-apply-'));
    setup = applySetup(fake, folder);
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
    await fake.close();
  });

  test('creates a key with a budget of 0, though LiteLLM refuses all of its requests', async () => {
    const file = 'name: shop\nkeys:\n  app: {models: [all-proxy-models], max_budget: 0}\n';
    expect(lines(await apply(file))).toEqual(['+ key app: all-proxy-models, duration 30d, max_budget 0']);
    expect((await apply(file)).change).toBe('unchanged');
  });

  test('sets, changes and removes the budget period of a key as the file says', async () => {
    const key = (more: string) => `name: shop\nkeys:\n  app: {models: [all-proxy-models], max_budget: 5${more}}\n`;
    expect(lines(await apply(key(', budget_duration: 1mo')))).toEqual([
      '+ key app: all-proxy-models, duration 30d, max_budget 5, budget_duration 1mo',
    ]);
    expect(fake.state.keys).toMatchObject([{ max_budget: 5, budget_duration: '1mo' }]);
    expect((await apply(key(', budget_duration: 1mo'))).change).toBe('unchanged');
    const changed = await apply(key(', budget_duration: 7d'));
    expect(lines(changed)).toEqual(['~ key app: budget_duration 1mo -> 7d']);
    expect(fake.state.keys).toMatchObject([{ budget_duration: '7d' }]);
    expect(lines(await apply(key('')))).toEqual(['~ key app: budget_duration 7d removed']);
    expect(fake.state.keys).toMatchObject([{ max_budget: 5, budget_duration: null }]);
  });

  test('shows the plan in a dry run, then carries it out, then changes nothing', async () => {
    const plan = [
      '+ provider openai: openai, key from OPENAI_API_KEY, api_base http://upstream/v1',
      '+ alias gpt-5: openai/gpt-4o, by openai, drop_params true',
      '+ key app: gpt-5, duration 30d, max_budget 5',
      '+ env .env: OPENAI_API_KEY and OPENAI_BASE_URL of app',
    ];
    const dry = await apply(FILE, { dryRun: true });
    expect([dry.change, lines(dry), writes()]).toEqual(['none', plan, 0]);
    const first = await apply(FILE);
    expect([first.change, lines(first)]).toEqual(['applied', plan]);
    expect(await env()).toBe(`OPENAI_API_KEY=${fake.state.keys[0]?.raw}\nOPENAI_BASE_URL=${fake.url}/v1\n`);
    expect(fake.state.credentials.openai?.credential_values.api_key).toBe(VARIABLES.OPENAI_API_KEY);
    const before = writes();
    expect(await apply(FILE, { prune: true })).toMatchObject({ change: 'unchanged', plan: [], warnings: [] });
    expect(writes()).toBe(before);
  });

  test('applies and exports a pattern and a model that only a pattern serves', async () => {
    const file = `aliases:
  openai/*: {target: openai/*}
keys:
  app: {models: [openai/*]}
  one: {models: [openai/gpt-4o]}
`;
    expect(lines(await apply(file))).toEqual([
      '+ alias openai/*: openai/*',
      '+ key app: openai/*, duration 30d',
      '+ key one: openai/gpt-4o, duration 30d',
    ]);
    expect((await apply(file)).change).toBe('unchanged');
    const { fields } = configFromProxy(await readProxy(setup.admin, { keys: [] }), () => false);
    expect(fields.aliases).toEqual({ 'openai/*': { target: 'openai/*' } });
  });

  test('names each change and removes what the file no longer has', async () => {
    await apply(FILE.replace('true}', 'true, temperature: 0.5}'));
    await writeFile(join(folder, '.env'), 'A=1\nOPENAI_API_KEY=old\n');
    const changed = await apply(
      FILE.replace('true}', 'true, temperature: 0.5}')
        .replace('    api_base: http://upstream/v1\n', '')
        .replace('OPENAI_API_KEY', 'OTHER_KEY')
        .replace('gpt-4o', 'gpt-4.1')
        .replace('temperature: 0.5', 'top_p: 0.2')
        .replace('max_budget: 5', 'rpm_limit: 60\n    duration: 60d'),
    );
    expect(lines(changed)).toEqual([
      '~ provider openai: api_base removed',
      '~ alias gpt-5: top_p none -> 0.2, target openai/gpt-4o -> openai/gpt-4.1, temperature 0.5 removed',
      '~ key app: max_budget 5 removed, rpm_limit none -> 60, duration 30d -> 60d',
      '~ env .env: OPENAI_API_KEY and OPENAI_BASE_URL of app',
    ]);
    expect(fake.state.credentials.openai?.credential_values).toEqual({ api_key: VARIABLES.OTHER_KEY });
    expect(fake.state.models).toMatchObject([
      { params: { model: 'openai/gpt-4.1', top_p: 0.2, litellm_credential_name: 'openai' } },
    ]);
    expect(fake.state.models[0]?.params).not.toHaveProperty('temperature');
    expect(fake.state.keys).toMatchObject([{ max_budget: null, rpm_limit: 60 }]);
    expect(await env()).toBe(`A=1\nOPENAI_API_KEY=${fake.state.keys[0]?.raw}\nOPENAI_BASE_URL=${fake.url}/v1\n`);
  });

  test('reports another provider key as a change, and shows neither key', async () => {
    await apply(FILE);
    const changed = await apply(FILE.replace('OPENAI_API_KEY', 'OTHER_KEY'));
    expect(lines(changed)).toEqual(['~ provider openai: new key']);
    expect(JSON.stringify(changed)).not.toMatch(/sk-(provider|other)/);
  });

  test('replaces an expired key, in its file too', async () => {
    await apply(FILE);
    Object.assign(fake.state.keys[0] ?? {}, { expires: '2020-01-01T00:00:00Z' });
    const changed = await apply(FILE);
    expect(lines(changed)).toEqual([
      '~ key app: new key, because the previous one expired at 2020-01-01T00:00:00Z',
      '~ env .env: OPENAI_API_KEY and OPENAI_BASE_URL of app',
    ]);
    expect(await env()).toContain(`OPENAI_API_KEY=${fake.state.keys[0]?.raw}\n`);
  });

  test('removes only what it created with --prune, and mentions leftovers without it', async () => {
    await apply(FILE);
    await apply(
      FILE.replace('shop', 'other')
        .replace('  gpt-5:', '  gpt-5-other:')
        .replace('[gpt-5]', '[gpt-5-other]')
        .replace('  app:', '  app-other:')
        .replace('.env', 'app.env'),
    );
    await putCredential(setup.admin.client, {
      name: 'hand',
      provider: 'openai',
      apiKey: new Secret('sk-hand-0123456789'),
      values: {},
    });
    await putAlias(setup.admin.client, {
      name: 'hand',
      target: 'openai/gpt-4o',
      params: {},
      force: false,
      append: false,
    });
    await provisionKey(setup.admin, { alias: 'hand', models: ['hand'], duration: '30d' });
    const kept = await apply('name: shop\n');
    expect(kept).toMatchObject({
      change: 'unchanged',
      warnings: ['Entries that are no longer in the file stay until agents-llm apply --prune: key app, alias gpt-5'],
    });
    // The other file's alias uses it, as they share a provider.
    const pruned = await apply('name: shop\n', { prune: true });
    expect(lines(pruned)).toEqual(['- key app', '- alias gpt-5']);
    expect(pruned.warnings).toEqual(['Provider openai stays because it is in use by gpt-5-other']);
    expect(Object.keys(fake.state.credentials).sort()).toEqual(['hand', 'openai']);
    expect(fake.state.models.map(({ name }) => name).sort()).toEqual(['gpt-5-other', 'hand']);
    expect(fake.state.keys.map(({ key_alias }) => key_alias).sort()).toEqual(['app-other', 'hand']);
    expect((await apply('name: shop\n', { prune: true })).change).toBe('unchanged');
  });

  test('updates manually created entries to match the file, but --prune never removes them', async () => {
    const { client } = setup.admin;
    const { OPENAI_API_KEY } = VARIABLES;
    await putCredential(client, { name: 'openai', provider: 'openai', apiKey: new Secret(OPENAI_API_KEY), values: {} });
    await putAlias(client, { name: 'gpt-5', target: 'openai/gpt-4.1', params: {}, force: false, append: false });
    await provisionKey(setup.admin, { alias: 'app', models: ['gpt-5'], duration: '30d' });
    expect((await apply(FILE)).plan.map(({ action }) => action)).toEqual(['update', 'update', 'update', 'create']);
    expect((await apply('name: shop\n', { prune: true })).plan).toEqual([]);
  });

  test('keeps its mark through every change, so that --prune finds everything', async () => {
    await apply(FILE);
    await apply(FILE.replace('OPENAI_API_KEY', 'OTHER_KEY').replace('gpt-4o', 'gpt-4.1').replace('5\n', '7\n'));
    await apply(FILE.replace('    api_base: http://upstream/v1\n', '').replace('drop_params: true', 'top_p: 1'));
    expect(lines(await apply('name: shop\n', { prune: true }))).toEqual([
      '- key app',
      '- alias gpt-5',
      '- provider openai',
    ]);
    expect(fake.state).toMatchObject({ credentials: {}, models: [], keys: [] });
  });

  test('keeps the stored provider key when its variable is unset, but needs it for a new provider', async () => {
    const error = await caught(() => applySetup(fake, folder, {}).apply(FILE));
    expect(error).toMatchObject({
      code: 'usage',
      exitCode: 2,
      message: 'OPENAI_API_KEY is not set, and LiteLLM has no provider "openai" yet',
      hint: expect.stringMatching(/^Set it to the provider key: export OPENAI_API_KEY=…\n/),
    });
    expect(writes()).toBe(0);
    await apply(FILE);
    const later = await applySetup(fake, folder, {}).apply(FILE);
    expect(later).toMatchObject({
      change: 'unchanged',
      warnings: ['OPENAI_API_KEY is not set, so provider openai keeps the key that LiteLLM has'],
    });
    const moved = await caught(() => applySetup(fake, folder, {}).apply(FILE.replace('upstream', 'elsewhere')));
    expect(moved).toMatchObject({ code: 'usage', exitCode: 2, message: expect.stringContaining('api_base') });
  });

  test('never stores a virtual key of this LiteLLM as a provider key', async () => {
    await apply(FILE);
    const shell = { OPENAI_API_KEY: String(fake.state.keys[0]?.raw) };
    const later = await applySetup(fake, folder, shell).apply(FILE);
    expect(later.change).toBe('unchanged');
    expect(later.warnings).toEqual([expect.stringContaining('OPENAI_API_KEY contains a virtual key of this LiteLLM')]);
    const error = await caught(() =>
      applySetup(fake, folder, shell).apply(FILE.replaceAll(/openai:$/gm, 'second:\n    provider: openai')),
    );
    expect(error).toMatchObject({
      code: 'usage',
      exitCode: 2,
      message: expect.stringContaining('contains a virtual key'),
    });
  });

  test('fails before any change when a provider refuses its key', async () => {
    const good = await apply(FILE);
    expect(good.change).toBe('applied');
    const bad = applySetup(fake, folder, { OPENAI_API_KEY: 'sk-bad-0123456789' });
    const before = JSON.stringify(fake.state);
    const error = await caught(() => bad.apply(FILE.replace('gpt-4o', 'gpt-4.1')));
    expect(error).toMatchObject({
      code: 'provider_failed',
      exitCode: 8,
      message: expect.stringContaining('Incorrect API key provided.'),
      hint: expect.stringContaining('nothing was changed'),
    });
    expect(JSON.stringify(fake.state)).toBe(before);
    expect((await bad.apply(FILE, { check: false })).change).toBe('applied');
  });

  test.each([
    ['an unknown provider', FILE.replace('provider: openai', 'provider: nope'), 'provider_unknown', 8],
    ['an unknown model of a key', FILE.replace('[gpt-5]', '[gpt-6]'), 'models_missing', 8],
  ])('fails before any change for %s', async (_, text, code, exitCode) => {
    expect(await caught(() => apply(text))).toMatchObject({ code, exitCode });
    expect(writes()).toBe(0);
  });

  test("fails before any change for another owner's key, and for one that is not saved", async () => {
    const key = fake.addKey({ key_alias: 'app', created_by: 'ann' });
    expect(await caught(() => apply(FILE))).toMatchObject({ code: 'key_not_ours', exitCode: 3 });
    key.metadata = { managed_by: 'agents-llm', agents_llm_host: 'here' };
    expect(await caught(() => apply(FILE))).toMatchObject({ code: 'key_lost', exitCode: 3 });
    expect(writes()).toBe(0);
  });

  test('merges several manual rows only with force', async () => {
    const row = { name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true };
    fake.state.models.push({ ...row, id: '1' }, { ...row, id: '2' });
    expect(await caught(() => apply(FILE))).toMatchObject({
      code: 'alias_ambiguous',
      exitCode: 3,
      hint: 'Merge them into one: agents-llm apply --force',
    });
    await apply(FILE, { force: true });
    expect(fake.state.models).toHaveLength(1);
    fake.state.models.push({ ...row, id: '3' });
    expect(await caught(() => apply(FILE))).toMatchObject({ code: 'alias_ambiguous', exitCode: 3 });
  });

  test('leaves a row alone that was added manually next to its own', async () => {
    await apply(FILE);
    fake.state.models.push({ name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true, id: 'by-hand' });
    expect(await caught(() => apply(FILE))).toMatchObject({ code: 'alias_ambiguous', exitCode: 3 });
    expect(fake.state.models).toHaveLength(2);
  });

  test('waits for a key that another command is creating', async () => {
    await apply(FILE);
    const { kept } = setup.admin;
    const { read } = kept;
    let reads = 0;
    kept.read = async (alias) => {
      reads += 1;
      return reads === 1 ? undefined : read(alias);
    };
    expect((await apply(FILE)).change).toBe('unchanged');
  });

  test('ends in the same state when it is interrupted at any step and repeated', async () => {
    const total = (await apply(FILE, { dryRun: true })).plan.length;
    for (let step = 1; step <= total; step += 1) {
      Object.assign(fake.state, { credentials: {}, models: [], keys: [] });
      await rm(join(folder, 'keys'), { recursive: true, force: true });
      await rm(join(folder, '.env'), { force: true });
      const controller = new AbortController();
      let seen = 0;
      const progress = {
        ...setup.invocation.progress,
        phase: (text: string) => {
          if (/^[+~-] /.test(text)) seen += 1;
          if (seen === step) controller.abort(interruption('SIGINT'));
        },
      };
      const context = { ...setup.invocation.context, signal: controller.signal };
      const error = await caught(() => apply(FILE, {}, { ...setup.invocation, context, progress }));
      expect(error).toMatchObject({ code: 'interrupted', exitCode: 130 });
      await apply(FILE);
      expect((await apply(FILE)).change).toBe('unchanged');
      expect([Object.keys(fake.state.credentials), fake.state.models.length, fake.state.keys.length]).toEqual([
        ['openai'],
        1,
        1,
      ]);
    }
  });

  test.each(['/credentials', '/model/new'])('continues after a connection lost on %s', async (path) => {
    fake.faults.before = (request) => {
      if (request.method !== 'POST' || request.path !== path) return;
      delete fake.faults.before;
      fake.faults.cutAfter = path;
    };
    const error = await caught(() => apply(FILE));
    expect(error).toMatchObject({ code: 'outcome_unknown', exitCode: 8 });
    await apply(FILE);
    expect((await apply(FILE)).change).toBe('unchanged');
    expect(fake.state.models).toHaveLength(1);
  });

  test('merges a leftover row of an interrupted change', async () => {
    await apply(FILE);
    const [row] = fake.state.models;
    if (row) fake.state.models.push({ ...row, id: 'left-over' });
    expect(lines(await apply(FILE))).toEqual(['~ alias gpt-5: 2 rows merged into one']);
    expect(fake.state.models).toHaveLength(1);
  });

  test('says how many steps were completed when it fails half-way', async () => {
    await apply(FILE.replace('name: shop', 'name: shop\nport: 4000'));
    const text = FILE.replace('gpt-4o', 'no-such-target')
      .replace('openai/no', 'no')
      .replace('http://upstream', 'http://new');
    const error = await caught(() => apply(text));
    expect(error).toMatchObject({
      code: 'request_rejected',
      exitCode: 8,
      message: expect.stringContaining('(1 of 2 steps were completed)'),
      hint: expect.stringMatching(/\nCompleted steps stay. Continue from there: agents-llm apply$/),
      details: { done: ['~ provider openai: api_base http://upstream/v1 -> http://new/v1'] },
    });
    expect(fake.state.models).toMatchObject([{ params: { model: 'openai/gpt-4o' } }]);
  });

  test('reaches the same state when two processes run it at once', async () => {
    const [a, b] = await Promise.all([apply(FILE), applySetup(fake, folder).apply(FILE)]);
    expect([a.change, b.change]).toContain('applied');
    expect([Object.keys(fake.state.credentials), fake.state.models.length, fake.state.keys.length]).toEqual([
      ['openai'],
      1,
      1,
    ]);
    expect((await apply(FILE)).change).toBe('unchanged');
  });

  test('fails when LiteLLM does not report what it accepted', async () => {
    fake.faults.before = ({ method, path }) => {
      if (method === 'GET' && path === '/key/list') for (const key of fake.state.keys) key.max_budget = 3;
    };
    const error = await caught(() => apply(FILE));
    expect(error).toMatchObject({
      code: 'request_rejected',
      exitCode: 8,
      hint: expect.stringContaining('agents-llm apply --dry-run'),
    });
    expect(error.message).toContain('~ key app: max_budget 3 -> 5');
  });
});
