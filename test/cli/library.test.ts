import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AutoProvisioned, autoProvision, provisionVirtualKey } from '../../src/index.ts';
import { processPlace } from '../../src/io/processes/process-place.ts';
import { systemProcesses } from '../../src/io/processes/processes.ts';
import { MASTER_KEY, startFakeLitellm } from '../support/fake-litellm.ts';
import type { FakeLitellm } from '../support/fake-litellm-state.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let fake: FakeLitellm;
let env: Record<string, string | undefined>;
beforeEach(async () => {
  fake = await startFakeLitellm();
  fake.state.models.push({ id: '1', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true });
  env = {
    LITELLM_BASE_URL: `${fake.url}/v1/`,
    LITELLM_MASTER_KEY: MASTER_KEY,
    AGENTS_LLM_HOME: await temporaryFolder(),
  };
});
afterEach(() => {
  vi.unstubAllEnvs();
  return fake.close();
});

const provisioned = (result: AutoProvisioned) => {
  if (!result.provisioned) throw new Error(result.reason);
  return result;
};

test.each([
  ['OPENAI_API_KEY', { OPENAI_API_KEY: 'sk-own' }, 'OPENAI_API_KEY is set'],
  ['no LITELLM_BASE_URL', { LITELLM_BASE_URL: undefined }, 'LITELLM_BASE_URL is not set'],
  ['no LITELLM_MASTER_KEY', { LITELLM_MASTER_KEY: '' }, 'LITELLM_MASTER_KEY is not set'],
])('autoProvision does nothing with %s', async (_, changes, reason) => {
  const given = { ...env, ...changes };
  expect(await autoProvision({ env: given })).toEqual({ provisioned: false, reason });
  expect(given).toEqual({ ...env, ...changes });
  expect(fake.seen).toEqual([]);
});

test('autoProvision sets key and address, with the limits from the environment', async () => {
  Object.assign(env, { LITELLM_KEY_DURATION: '7d', LITELLM_MAX_BUDGET: '2.5', LITELLM_RPM_LIMIT: '60' });
  const result = provisioned(await autoProvision({ env }));
  expect(result).toMatchObject({ alias: `agents-${process.pid}`, change: 'created', baseUrl: `${fake.url}/v1` });
  expect(env).toMatchObject({ OPENAI_API_KEY: fake.state.keys[0]?.raw, OPENAI_BASE_URL: `${fake.url}/v1` });
  expect(fake.state.keys).toMatchObject([{ models: ['gpt-5'], max_budget: 2.5, rpm_limit: 60 }]);
});

test('autoProvision keeps an existing OPENAI_BASE_URL', async () => {
  env.OPENAI_BASE_URL = 'http://gateway/v1';
  expect(provisioned(await autoProvision({ env })).baseUrl).toBe('http://gateway/v1');
});

test('autoProvision names the variable that is invalid', async () => {
  env.LITELLM_MAX_BUDGET = 'lots';
  await expect(autoProvision({ env })).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('LITELLM_MAX_BUDGET'),
  });
});

test('autoProvision waits for a gateway that is starting, up to its time limit', async () => {
  fake.faults.html = true;
  setTimeout(() => {
    fake.faults.html = false;
  }, 300);
  expect(provisioned(await autoProvision({ env, waitMs: 10_000 })).change).toBe('created');
  fake.faults.html = true;
  await expect(autoProvision({ env: { ...env, OPENAI_API_KEY: '' }, waitMs: 0 })).rejects.toMatchObject({
    code: 'not_litellm',
  });
});

test('does not retry when the master key is rejected', async () => {
  env.LITELLM_MASTER_KEY = 'sk-wrong-0123456789';
  await expect(autoProvision({ env })).rejects.toMatchObject({ code: 'key_refused' });
});

test('removes only the keys of ended processes on this host', async () => {
  const place = await processPlace();
  const own = { host: hostname(), ...place };
  const started = await systemProcesses(process.kill.bind(process)).identity(process.pid);
  const add = (key_alias: string, mark: object, managed_by = 'agents-llm') =>
    fake.addKey({ key_alias, metadata: { managed_by, agents_llm_process: mark } });
  add('gone', { ...own, pid: 2 ** 22 + 1, started: '1' });
  add('pid used again', { ...own, pid: process.pid, started: '1' });
  add('before the last boot', { ...own, boot: 'x', pid: process.pid, started });
  add('alive', { ...own, pid: process.pid, started });
  add('another host', { ...own, host: 'there', pid: 2 ** 22 + 1, started: '1' });
  add('another container', { ...own, namespace: 'pid:[1]', pid: 2 ** 22 + 1, started: '1' });
  add('not ours', { ...own, pid: 2 ** 22 + 1, started: '1' }, 'someone');
  fake.addKey({ key_alias: 'agents-99999999' });
  const { removed } = provisioned(await autoProvision({ env }));
  expect(removed).toEqual(['gone', 'pid used again', 'before the last boot']);
});

test('keeps a name that another host has taken', async () => {
  fake.addKey({ key_alias: `agents-${process.pid}0` });
  const taken = fake.addKey({
    key_alias: `agents-${process.pid}`,
    metadata: { managed_by: 'agents-llm', agents_llm_host: 'there' },
  });
  const { alias } = provisioned(await autoProvision({ env }));
  expect(alias).toContain(`agents-${process.pid}-${hostname()}`);
  expect(fake.state.keys).toContain(taken);
});

test('renew extends the lifetime of the same key', async () => {
  const result = provisioned(await autoProvision({ env }));
  const key = fake.state.keys[0];
  Object.assign(key ?? {}, { expires: '2026-01-01T00:00:00Z' });
  expect((await result.renew())?.getTime()).toBeGreaterThan(Date.parse('2026-01-02'));
  expect(fake.state.keys[0]?.raw).toBe(env.OPENAI_API_KEY);
});

test('provisionVirtualKey returns the same key again', async () => {
  vi.stubEnv('AGENTS_LLM_HOME', env.AGENTS_LLM_HOME);
  const options = { baseUrl: fake.url, masterKey: MASTER_KEY, models: ['gpt-5'], maxBudget: 5 };
  const first = await provisionVirtualKey(options);
  expect(first).toMatchObject({
    alias: 'agents-service',
    change: 'created',
    baseUrl: `${fake.url}/v1`,
    expires: expect.any(Date),
  });
  expect(await provisionVirtualKey(options)).toMatchObject({ key: first.key, change: 'unchanged' });
});

describe('the preload', () => {
  const preload = async (changes: Record<string, string>) => {
    const file = join(env.AGENTS_LLM_HOME ?? '', 'server.mjs');
    await writeFile(file, 'console.log(process.env.OPENAI_BASE_URL)');
    const register = new URL('../../dist/register.js', import.meta.url).href;
    const given = { ...env, ...changes } as NodeJS.ProcessEnv;
    const child = spawn(process.execPath, ['--import', register, file], { env: given });
    const closed = new Promise((resolve) => child.once('close', resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await closed, stdout, stderr };
  };

  test('gives a program its key without a code change', async () => {
    expect(await preload({})).toEqual({ code: 0, stdout: `${fake.url}/v1\n`, stderr: '' });
  });

  test('does nothing for a program that has its own key', async () => {
    expect(await preload({ OPENAI_API_KEY: 'sk-own' })).toEqual({ code: 0, stdout: 'undefined\n', stderr: '' });
  });

  test('does not start a program without its key and explains why in two lines', async () => {
    expect(await preload({ LITELLM_MASTER_KEY: 'sk-wrong-0123456789' })).toEqual({
      code: 4,
      stdout: '',
      stderr: `agents-llm: LiteLLM at ${fake.url} refused the master key from LITELLM_MASTER_KEY: Invalid API key provided.
hint: Set LITELLM_MASTER_KEY to the key of that LiteLLM, or unset it to use the local stack
`,
    });
  });
});
