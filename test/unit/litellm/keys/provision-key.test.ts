import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/io/clock.ts';
import { systemFiles } from '../../../../src/io/files/files.ts';
import type { Exclusively } from '../../../../src/litellm/admin/admin.ts';
import { type KeptKeys, keptKeys, keyLockPath } from '../../../../src/litellm/keys/kept-keys.ts';
import { provisionKey } from '../../../../src/litellm/keys/provision-key.ts';
import { CliError } from '../../../../src/model/errors.ts';
import { type KeyLockDeps, keyLock } from '../../../../src/project/key-lock.ts';
import { clientOf } from '../../../support/admin-client.ts';
import { startFakeLitellm } from '../../../support/fake-litellm.ts';
import type { FakeLitellm } from '../../../support/fake-litellm-state.ts';

const wish = { alias: 'agents-service' };
/** As on another machine, where nobody can lock. */
const exclusively: Exclusively = (_, action) => action();

describe.each(['1.108.11', '1.90.2'] as const)('provision-key on LiteLLM %s', (version) => {
  let fake: FakeLitellm;
  let folder: string;
  let kept: KeptKeys;
  const provision = (changes: object = {}) =>
    provisionKey({ client: clientOf(fake), kept, host: 'here', exclusively }, { ...wish, ...changes });
  const count = (path: string) => fake.seen.filter((request) => request.path === path).length;

  /** LiteLLM looks for the alias for all who ask before it writes for one of them. */
  const atTheSameMoment = () => {
    fake.faults.blindToAliases = true;
    fake.faults.before = async ({ path }) => void (path === '/key/generate' && (await delay(300)));
  };

  beforeEach(async () => {
    fake = await startFakeLitellm(version);
    fake.state.models.push({ id: '1', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true });
    folder = await mkdtemp(join(tmpdir(), 'agents-llm-keys-'));
    kept = keptKeys(systemFiles, folder, { url: fake.url, own: true });
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
    await fake.close();
  });

  test('allows a key to call a pattern, and a model that only a pattern serves', async () => {
    fake.state.models.push({ id: '2', name: 'claude-*', params: { model: 'openai/gpt-4o' }, live: true });
    expect(await provision({ models: ['claude-*'] })).toMatchObject({ change: 'created', warnings: [] });
    const named = { alias: 'named', models: ['claude-sonnet-4-5'] };
    expect(await provision(named)).toMatchObject({ change: 'created', warnings: [] });
    await expect(provision({ alias: 'wrong', models: ['mistral'] })).rejects.toMatchObject({
      code: 'models_missing',
      details: { missing: ['mistral'] },
    });
  });

  test('sets the budget period, and warns once of a model without a price', async () => {
    const info = { input_cost_per_token: null, output_cost_per_token: null };
    fake.state.models.push({ id: '2', name: 'local', params: { model: 'ollama/llama3' }, info, live: true });
    const wished = { models: ['gpt-5', 'local'], maxBudget: 5, budgetDuration: '1mo' };
    const first = await provision(wished);
    expect(first.warnings).toEqual([
      'LiteLLM has no price for local, so its calls do not count toward the budget. Set one: agents-llm alias add NAME --target MODEL --input-price DOLLARS --output-price DOLLARS',
    ]);
    expect(fake.state.keys).toMatchObject([{ max_budget: 5, budget_duration: '1mo' }]);
    expect(await provision(wished)).toMatchObject({ change: 'unchanged', warnings: [] });
    expect(await provision({ budgetDuration: '7d' })).toMatchObject({ change: 'updated' });
    expect(fake.state.keys).toMatchObject([{ budget_duration: '7d' }]);
    expect((await provision({ alias: 'priced', models: ['gpt-5'], maxBudget: 5 })).warnings).toEqual([]);
  });

  test('warns of a fallback that the key cannot call, because LiteLLM skips it', async () => {
    fake.state.models.push({ id: '2', name: 'fast', params: { model: 'openai/gpt-4o' }, live: true });
    fake.state.fallbacks.push({ 'gpt-5': ['fast'] });
    const { warnings } = await provision();
    expect(warnings).toEqual([
      'LiteLLM skips the fallback fast, because the key cannot call it. Name it in --models too',
    ]);
    expect((await provision({ models: ['gpt-5', 'fast'] })).warnings).toEqual([]);
    expect((await provision({ alias: 'all', models: ['all-proxy-models'] })).warnings).toEqual([]);
  });

  test('creates a key, saves it for its owner only, and returns it again', async () => {
    const first = await provision({ maxBudget: 5, rpmLimit: 60 });
    expect(first).toMatchObject({
      change: 'created',
      baseUrl: `${fake.url}/v1`,
      expires: expect.any(String),
      warnings: [],
    });
    expect(fake.state.keys).toMatchObject([
      { key_alias: 'agents-service', max_budget: 5, rpm_limit: 60, metadata: { managed_by: 'agents-llm' } },
    ]);
    expect((await stat(join(folder, 'agents-service.json'))).mode & 0o777).toBe(0o600);
    const second = await provision({ maxBudget: 5, rpmLimit: 60 });
    expect(second.change).toBe('unchanged');
    expect(second.key.reveal()).toBe(first.key.reveal());
    expect([count('/key/generate'), count('/key/update')]).toEqual([1, 0]);
  });

  test('updates other limits only once', async () => {
    await provision();
    expect((await provision({ maxBudget: 7, duration: '60d' })).change).toBe('updated');
    expect((await provision({ maxBudget: 7, duration: '60d' })).change).toBe('unchanged');
    expect(fake.state.keys).toMatchObject([
      { max_budget: 7, metadata: { managed_by: 'agents-llm', agents_llm_duration: '60d' } },
    ]);
  });

  test('replaces an expired key without asking', async () => {
    const first = await provision();
    Object.assign(fake.state.keys[0] ?? {}, { expires: '2020-01-01T00:00:00Z' });
    const second = await provision();
    expect(second).toMatchObject({ change: 'rotated', warnings: [expect.stringContaining('expired')] });
    expect(second.key.reveal()).not.toBe(first.key.reveal());
    expect(fake.state.keys).toHaveLength(1);
  });

  describe('the unnamed limits', () => {
    const limits = { models: ['fast'], duration: '7d', maxBudget: 5, rpmLimit: 60, tpmLimit: 1000, teamId: 'core' };
    const made = { models: ['fast'], max_budget: 5, rpm_limit: 60, tpm_limit: 1000, team_id: 'core' };
    const byHand = { budget_duration: '30d', max_parallel_requests: 2 };
    const metadata = { managed_by: 'agents-llm', agents_llm_duration: '7d', agents_llm_file: 'shop', cost: 42 };

    beforeEach(async () => {
      fake.state.models.push({ id: '2', name: 'fast', params: { model: 'openai/gpt-4o-mini' }, live: true });
      fake.state.teams.push('core');
      await provision({ ...limits, metadata: { agents_llm_file: 'shop', cost: 42 } });
      Object.assign(fake.state.keys[0] ?? {}, byHand);
    });

    test('stay as the key has them', async () => {
      expect(await provision()).toMatchObject({ change: 'unchanged', models: ['fast'] });
      expect(count('/key/update')).toBe(0);
    });

    test('are copied to the key that a rotation creates', async () => {
      expect(await provision({ rotate: true, rpmLimit: 10 })).toMatchObject({ change: 'rotated', models: ['fast'] });
      expect(fake.state.keys).toMatchObject([{ ...made, ...byHand, rpm_limit: 10, metadata }]);
    });

    test('are copied to the key that replaces an expired one', async () => {
      Object.assign(fake.state.keys[0] ?? {}, { expires: '2020-01-01T00:00:00Z' });
      expect(await provision({ duration: '1d' })).toMatchObject({ change: 'rotated', models: ['fast'] });
      expect(fake.state.keys).toMatchObject([
        { ...made, ...byHand, metadata: { ...metadata, agents_llm_duration: '1d' } },
      ]);
    });

    test("are copied from another owner's key too, without its process", async () => {
      const process = { host: 'there', pid: 7 };
      Object.assign(fake.state.keys[0] ?? {}, { metadata: { cost: 42, agents_llm_process: process } });
      await kept.remove('agents-service');
      await provision({ rotate: true, force: true });
      expect(fake.state.keys).toMatchObject([{ ...made, ...byHand }]);
      expect(fake.state.keys[0]?.metadata).toEqual({
        managed_by: 'agents-llm',
        agents_llm_host: 'here',
        agents_llm_duration: '30d',
        cost: 42,
      });
    });

    test('are removed when the request is exact', async () => {
      const exact = { models: ['fast'], duration: '7d', exact: true };
      await provision({ ...exact, rotate: true });
      expect(fake.state.keys).toMatchObject([{ models: ['fast'], ...byHand, metadata }]);
      for (const name of ['max_budget', 'rpm_limit', 'tpm_limit', 'team_id']) {
        expect(fake.state.keys[0]).not.toHaveProperty(name);
      }
    });
  });

  test('explains a blocked key, and replaces it with --rotate', async () => {
    await provision();
    Object.assign(fake.state.keys[0] ?? {}, { blocked: true });
    await expect(provision()).rejects.toMatchObject({
      code: 'key_blocked',
      exitCode: 3,
      hint: expect.stringContaining('--rotate'),
    });
    expect((await provision({ rotate: true })).change).toBe('rotated');
  });

  test('finds a key that was created but not saved, and suggests --rotate', async () => {
    await provision();
    await kept.remove('agents-service');
    await expect(provision()).rejects.toMatchObject({
      code: 'key_lost',
      exitCode: 3,
      hint: expect.stringContaining('--alias agents-service --rotate'),
    });
    expect((await provision({ rotate: true })).change).toBe('rotated');
    expect(fake.state.keys).toHaveLength(1);
  });

  test("deletes another owner's key only with --rotate --force", async () => {
    fake.addKey({
      key_alias: 'agents-service',
      created_by: 'ann',
      metadata: { managed_by: 'agents-llm', agents_llm_host: 'there' },
    });
    const notOurs = { code: 'key_not_ours', exitCode: 3, message: expect.stringContaining('ann') };
    await expect(provision()).rejects.toMatchObject(notOurs);
    await expect(provision({ rotate: true })).rejects.toMatchObject(notOurs);
    expect(count('/key/delete')).toBe(0);
    expect((await provision({ rotate: true, force: true })).change).toBe('rotated');
  });

  test('replaces a saved key that no longer exists in LiteLLM, and says so', async () => {
    await provision();
    fake.state.keys = [];
    expect(await provision()).toMatchObject({
      change: 'created',
      warnings: ['The saved virtual key no longer exists in LiteLLM, so a new one was created'],
    });
  });

  test('leaves one key when ten machines create the same alias at once', async () => {
    atTheSameMoment();
    const machines = await Promise.all(
      Array.from({ length: 10 }, async (_, i) => {
        const own = keptKeys(systemFiles, join(folder, `machine${i}`), { url: fake.url, own: true });
        const provisioner = { client: clientOf(fake), kept: own, host: `host${i}`, exclusively };
        return { own, made: await provisionKey(provisioner, wish).catch((error: unknown) => error) };
      }),
    );
    expect(fake.state.keys).toHaveLength(1);
    const winners = machines.filter(({ made }) => !(made instanceof CliError));
    expect(winners).toMatchObject([{ made: { change: 'created' } }]);
    expect((await winners[0]?.own.read('agents-service'))?.reveal()).toBe(fake.state.keys[0]?.raw);
    for (const { own, made } of machines) {
      if (made instanceof CliError) expect(made).toMatchObject({ code: 'key_not_ours', exitCode: 3 });
      if (made instanceof CliError) expect(await own.read('agents-service')).toBeUndefined();
    }
  });

  test('returns the saved key when LiteLLM has several of one alias', async () => {
    const first = await provision();
    fake.state.keys.unshift({ ...fake.addKey({ key_alias: 'agents-service' }) });
    expect(await provision()).toMatchObject({ change: 'unchanged' });
    expect((await provision()).key.reveal()).toBe(first.key.reveal());
  });

  test('ends with one key when ten processes share the saved keys, one after the other', async () => {
    atTheSameMoment();
    const shared = { url: fake.url, own: true };
    const made = await Promise.all(
      Array.from({ length: 10 }, (_, i) => {
        const deps: KeyLockDeps = {
          files: systemFiles,
          clock: { now: systemClock.now, sleep: (ms, signal) => systemClock.sleep(ms / 20, signal) },
          processes: { identity: async (pid: number) => `${pid}` },
          pid: 1000 + i,
          randomBytes,
        };
        const locked = keyLock(deps, keyLockPath(folder, shared), new AbortController().signal);
        return provisionKey({ client: clientOf(fake), kept, host: 'here', exclusively: locked }, wish);
      }),
    );
    expect(new Set(made.map(({ key }) => key.reveal())).size).toBe(1);
    expect(made.filter(({ change }) => change === 'created')).toHaveLength(1);
    expect(count('/key/generate')).toBe(1);
    expect((await systemFiles.list(folder)).sort()).toEqual(['agents-service.json']);
  });

  test('ends with one key when two processes run at once', async () => {
    const [a, b] = await Promise.all([provision(), provision()]);
    expect(a.key.reveal()).toBe(b.key.reveal());
    expect([a.change, b.change].sort()).toEqual(['created', 'unchanged']);
    expect(fake.state.keys).toHaveLength(1);
  });

  test('lists missing models together with the existing ones', async () => {
    await expect(provision({ models: ['gpt-5', 'nope'] })).rejects.toMatchObject({
      code: 'models_missing',
      exitCode: 8,
      hint: expect.stringContaining('Use one of: gpt-5'),
    });
    expect(await provision({ models: ['gpt-5', 'nope'], allowMissingModels: true })).toMatchObject({
      warnings: ['LiteLLM has no model nope yet'],
    });
  });

  test('refuses an unknown team and an invalid lifetime before it creates a key', async () => {
    await expect(provision({ teamId: 'nope' })).rejects.toMatchObject({ code: 'team_unknown', exitCode: 8 });
    await expect(provision({ duration: '1year' })).rejects.toMatchObject({ code: 'usage', exitCode: 2 });
    expect(fake.state.keys).toEqual([]);
  });

  test.each(['a/b c', 'ключ', '../x', 'A'])('saves the alias "%s" apart from others', async (alias) => {
    const first = await provision({ alias });
    expect((await provision({ alias })).key.reveal()).toBe(first.key.reveal());
    expect(await kept.read('other')).toBeUndefined();
  });

  test("repeats LiteLLM's message about an invalid value", async () => {
    await expect(provision({ maxBudget: -1 })).rejects.toMatchObject({
      code: 'request_rejected',
      exitCode: 8,
      message: expect.stringContaining('max_budget must be a non-negative finite number'),
    });
  });

  test('fails but saves the key when it cannot call its models', async () => {
    // As a team does that allows less.
    fake.faults.before = ({ path, key }) => {
      if (path === '/v1/models' && key === fake.state.keys[0]?.raw)
        Object.assign(fake.state.keys[0] ?? {}, { models: ['x'] });
    };
    await expect(provision()).rejects.toMatchObject({
      code: 'request_rejected',
      exitCode: 8,
      message: 'The key works but cannot call gpt-5',
      hint: 'Check whether its team restricts it further: agents-llm key list',
      details: { models: ['gpt-5'] },
    });
    expect((await kept.read('agents-service'))?.reveal()).toBe(fake.state.keys[0]?.raw);
  });

  test('reports an unknown outcome after a lost connection, and the next run suggests --rotate', async () => {
    fake.faults.cutAfter = '/key/generate';
    await expect(provision()).rejects.toMatchObject({
      code: 'outcome_unknown',
      hint: expect.stringContaining('agents-llm key list'),
    });
    await expect(provision()).rejects.toMatchObject({ code: 'key_lost' });
  });
});
