import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { logIn, openBrowser, rowWith } from './support/browser.ts';
import { type Cli, createCli } from './support/cli.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOnEach, onDocker, type StackUnderTest, stacks } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROVIDER_KEY = 'sk-provider-key-0123456789';

/** A LiteLLM whose answers differ from those of the pinned one. */
const older = process.env.AGENTS_LLM_TEST_OLD_ANSWERS_LITELLM;

const chromium = inject('chromium');
if (!chromium && process.env.AGENTS_LLM_E2E === 'required')
  throw new Error('AGENTS_LLM_E2E=required, and there is no Chromium to look at the UI with');

interface Configured extends StackUnderTest {
  readonly image: readonly string[];
}

const CONFIGURED: readonly Configured[] = [
  ...stacks.map((stack) => ({ ...stack, image: [] })),
  {
    ...onDocker,
    name: `docker, with ${older ?? 'an older LiteLLM'}`,
    missing: older ? onDocker.missing : 'AGENTS_LLM_TEST_OLD_ANSWERS_LITELLM names no image',
    image: older ? ['--image', older] : [],
  },
];
const PROJECT = 'e2e-configure';
const PORT = String(await freePort());
const BASE = `http://127.0.0.1:${PORT}`;

// One stack: the steps that a user takes in LiteLLM's UI, and then all of them again.
describeOnEach(CONFIGURED)('a configured gateway', (stack) => {
  let cli: Cli;
  let upstream: Upstream;
  let before: ReturnType<typeof snapshot>;
  const run = (args: string[], env: NodeJS.ProcessEnv = {}) => cli.run(['-p', PROJECT, ...args], env);
  const change = async (args: string[], env?: NodeJS.ProcessEnv) =>
    (await run([...args, '--json'], env)).json.data?.change;
  const provider = () =>
    change(['provider', 'add', 'openai', '--provider', 'openai', '--from-env', 'MY_KEY', '--api-base', upstream.url], {
      MY_KEY: PROVIDER_KEY,
    });
  const alias = () => change(['alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai']);
  /** As LiteLLM's UI calls it. */
  const admin = (path: string, body: object) =>
    fetch(`${BASE}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${cli.secretsOf(PROJECT).LITELLM_MASTER_KEY}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
  const chat = (apiKey: string) =>
    new OpenAI({ apiKey, baseURL: `${BASE}/v1`, maxRetries: 0 }).chat.completions.create({
      model: 'gpt-5',
      messages: [{ role: 'user', content: 'ping' }],
    });

  beforeAll(async () => {
    stack.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(stack);
    upstream = await startUpstream(stack);
    expect((await run(['up', '--port', PORT, ...stack.image])).code).toBe(0);
  });

  afterAll(async () => {
    await upstream.close();
    stack.remove(cli, PROJECT);
    cli.dispose();
    expectNoLeaks(before);
  });

  it('sends a chat completion to the provider with the provider key and the target model', async () => {
    expect([await provider(), await alias()]).toEqual(['created', 'created']);
    const made = await run(['provision-key']);
    expect(made.code).toBe(0);
    expect(made.stdout).toMatch(/^sk-\S+\n$/);
    const answer = await chat(made.stdout.trim());
    expect(answer.choices[0]?.message.content).toBe('pong');
    expect(upstream.seen).toEqual([{ key: PROVIDER_KEY, model: 'gpt-4o' }]);
  });

  it('does not change when every step is repeated', async () => {
    const first = await run(['provision-key']);
    expect([await provider(), await alias(), await change(['provision-key'])]).toEqual([
      'unchanged',
      'unchanged',
      'unchanged',
    ]);
    expect((await run(['provision-key'])).stdout).toBe(first.stdout);
    const listed = await Promise.all(['provider', 'alias', 'key'].map((noun) => run([noun, 'list', '--json'])));
    expect(listed.map(({ json }) => Object.values<unknown[]>(json.data)[0]?.length)).toEqual([1, 1, 1]);
    expect((await run(['status', '--json'])).json.data).toMatchObject({ models: 1, keys: 1 });
  });

  it('verifies a provider key with one call and reports when the provider rejects it', async () => {
    expect((await run(['provider', 'test', 'openai', '--model', 'gpt-4o'])).code).toBe(0);
    await run(['provider', 'add', 'bad', '--provider', 'openai', '--from-env', 'MY_KEY', '--api-base', upstream.url], {
      MY_KEY: 'sk-bad-key-0123456789',
    });
    const refused = await run(['provider', 'test', 'bad', '--model', 'gpt-4o', '--json']);
    expect(refused.code).not.toBe(0);
    expect(refused.stdout).not.toContain('sk-bad-key-0123456789');
    expect(await change(['provider', 'remove', 'bad'])).toBe('removed');
  });

  it('keeps a provider that an alias uses and stores no row for an unknown one', async () => {
    expect((await run(['provider', 'remove', 'openai', '--json'])).json.ok).toBe(false);
    const dead = await run(['alias', 'add', 'dead', '--target', 'no-such-provider/x', '--json']);
    expect(dead).toMatchObject({ code: 8, json: { ok: false } });
    const { aliases } = (await run(['alias', 'list', '--json'])).json.data;
    expect(aliases.map(({ name }: { name: string }) => name)).toEqual(['gpt-5']);
  });

  it('passes the key to a command, a shell and a file, and replaces it on request', async () => {
    const script =
      'process.stdout.write(process.env.OPENAI_BASE_URL + " " + process.env.OPENAI_API_KEY); process.exitCode = 7';
    const child = await run(['run', '--', process.execPath, '-e', script]);
    const key = (await run(['provision-key'])).stdout.trim();
    expect(child).toMatchObject({ code: 7, stdout: `${BASE}/v1 ${key}` });
    expect((await run(['env'])).stdout).toContain(key);
    const file = join(cli.home, 'app.env');
    expect((await run(['provision-key', '--write-env', file])).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain(key);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await change(['provision-key', '--rotate'])).toBe('rotated');
    await expect(chat(key)).rejects.toMatchObject({ status: 401 });
  });

  it('keeps a pattern from the UI, whatever happens to a name that it matches', async () => {
    const made = await admin('/model/new', {
      model_name: 'openai/*',
      litellm_params: { model: 'openai/*', litellm_credential_name: 'openai' },
      model_info: { id: 'made-in-the-ui' },
    });
    expect(made.ok).toBe(true);
    const names = async () => {
      const { aliases } = (await run(['alias', 'list', '--json'])).json.data;
      return aliases.map(({ name, target, live }: Record<string, unknown>) => [name, target, live]).sort();
    };
    const [pattern, own] = [
      ['openai/*', 'openai/*', true],
      ['gpt-5', 'openai/gpt-4o', true],
    ];
    expect(await names()).toEqual([own, pattern]);
    expect((await run(['status', '--json'])).json.data).toMatchObject({ models: 2 });
    const kept = await run(['alias', 'remove', 'openai/gpt-4o', '--force', '--json']);
    expect(kept).toMatchObject({ code: 0, json: { data: { change: 'unchanged' } } });
    expect(kept.json.warnings).toEqual([
      `"openai/gpt-4o" has no row of its own: it comes from the pattern "openai/*". To remove the pattern: agents-llm -p ${PROJECT} alias remove 'openai/*'`,
    ]);
    expect(await change(['alias', 'add', 'openai/gpt-4o', '--target', 'openai/o3'])).toBe('created');
    expect(await names()).toEqual([own, pattern, ['openai/gpt-4o', 'openai/o3', true]]);
    expect(await change(['alias', 'remove', 'openai/gpt-4o'])).toBe('removed');
    expect(await names()).toEqual([own, pattern]);
    expect((await admin('/model/delete', { id: 'made-in-the-ui' })).ok).toBe(true);
  });

  it('creates one key for ten requests at the same time, also from separate machines', async () => {
    const ten = Array.from({ length: 10 }, (_, i) => i);
    const here = await Promise.all(ten.map(() => run(['provision-key', '--alias', 'same'])));
    expect(new Set(here.map(({ stdout }) => stdout)).size).toBe(1);
    const LITELLM_MASTER_KEY = cli.secretsOf(PROJECT).LITELLM_MASTER_KEY ?? '';
    const there = await Promise.all(
      ten.map((i) => {
        const AGENTS_LLM_HOME = join(cli.home, `machine-${i}`);
        const args = ['provision-key', '--base-url', BASE, '--alias', 'far', '--json'];
        return cli.run(args, { LITELLM_MASTER_KEY, AGENTS_LLM_HOME });
      }),
    );
    expect(there.map(({ code }) => code).sort()).toEqual([0, 3, 3, 3, 3, 3, 3, 3, 3, 3]);
    const { keys } = (await run(['key', 'list', '--json'])).json.data;
    const count = (name: string) => keys.filter(({ alias }: { alias: string }) => alias === name).length;
    expect([count('same'), count('far')]).toEqual([1, 1]);
    expect((await run(['key', 'revoke', 'same', 'far'])).code).toBe(0);
  });

  it('appears in the UI of a browser that logs in with the output of ui', async ({ skip }) => {
    skip(stack.image.length > 0, 'the UI of another LiteLLM looks otherwise');
    if (chromium === undefined) return skip('there is no Chromium');
    const { url, username, password } = (await run(['ui', '--json', '--reveal'])).json.data;
    const browser = await openBrowser(chromium);
    try {
      const page = await browser.newPage();
      await logIn(page, { url, username, password });
      await page.goto(`${url}?page=models`);
      expect(await rowWith(page, 'gpt-5')).toMatch(/gpt-5 openai\/gpt-4o openai/);
      await page.getByRole('tab', { name: 'LLM Credentials' }).click();
      expect(await rowWith(page, 'OpenAI')).toMatch(/^openai OpenAI/);
    } finally {
      await browser.close();
    }
  });

  it('keeps its configuration after a restart of all services', async () => {
    expect((await run(['restart'])).code).toBe(0);
    const key = (await run(['provision-key'])).stdout.trim();
    expect((await chat(key)).choices[0]?.message.content).toBe('pong');
  });

  it('can be any LiteLLM with address and master key, and names the rejected key', async () => {
    const LITELLM_MASTER_KEY = cli.secretsOf(PROJECT).LITELLM_MASTER_KEY ?? '';
    const remote = { LITELLM_BASE_URL: BASE, LITELLM_MASTER_KEY };
    expect((await cli.run(['alias', 'list', '--json'], remote)).json.data.aliases).toHaveLength(1);
    const wrong = await cli.run(['alias', 'list', '--json'], {
      ...remote,
      LITELLM_MASTER_KEY: 'sk-wrong-0123456789ab',
    });
    expect(wrong.code).toBe(4);
    expect(wrong.json.error.message + wrong.json.error.hint).toContain('LITELLM_MASTER_KEY');
  });

  it('revokes keys', async () => {
    expect((await run(['key', 'revoke', 'agents-service'])).code).toBe(0);
    expect((await run(['key', 'list', '--json'])).json.data.keys).toEqual([]);
  });

  it('shows no provider key in any output', () => {
    expect(cli.everythingSeen().includes(PROVIDER_KEY)).toBe(false);
  });
});
