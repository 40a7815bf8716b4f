import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { type Cli, createCli } from './support/cli.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOnEach, stacks } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROJECT = 'e2e-aliases';
const PORT = String(await freePort());
const BASE = `http://127.0.0.1:${PORT}`;

// All tests use one stack.
describeOnEach(stacks)('aliases for agents', (stack) => {
  let cli: Cli;
  let upstream: Upstream;
  let folder: string;
  let before: ReturnType<typeof snapshot>;
  const run = (args: string[], env: NodeJS.ProcessEnv = {}, cwd?: string) =>
    cli.run(['-p', PROJECT, ...args], env, cwd);
  const done = async (args: string[], env?: NodeJS.ProcessEnv, cwd?: string) => {
    const result = await run([...args, '--json'], env, cwd);
    expect(result.json, result.stderr).toMatchObject({ ok: true });
    return result.json;
  };
  const keyOf = async (models: string) =>
    (await done(['provision-key', '--alias', `for-${models.replaceAll(',', '-')}`, '--models', models])).data
      .key as string;
  const chat = (apiKey: string, model: string, more: object = {}) =>
    new OpenAI({ apiKey, baseURL: `${BASE}/v1`, maxRetries: 0 }).chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'ping' }],
      ...more,
    });
  const answer = async (...args: Parameters<typeof chat>) => (await chat(...args)).choices[0]?.message.content;

  beforeAll(async () => {
    stack.remove(undefined, PROJECT);
    before = snapshot();
    folder = mkdtempSync(join(tmpdir(), 'agents-llm-aliases-'));
    if (stack.user) chownSync(folder, stack.user.uid, stack.user.gid);
    cli = createCli(stack);
    upstream = await startUpstream(stack);
    expect((await run(['up', '--port', PORT])).code).toBe(0);
  });

  afterAll(async () => {
    await upstream.close();
    stack.remove(cli, PROJECT);
    cli.dispose();
    rmSync(folder, { recursive: true });
    expectNoLeaks(before);
  });

  it('a mock answers without a provider key, and streamed /v1/messages returns plain JSON', async () => {
    await done(['alias', 'add', 'ci', '--mock', 'a mock']);
    const key = await keyOf('ci');
    expect(await answer(key, 'ci')).toBe('a mock');
    const message = await fetch(`${BASE}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'ci',
        max_tokens: 9,
        stream: true,
        messages: [{ role: 'user', content: 'ping' }],
      }),
    });
    expect(message.headers.get('content-type')).toContain('application/json');
    expect(await message.json()).toMatchObject({ content: [{ text: 'a mock' }] });
    expect(upstream.seen).toEqual([]);
  });

  it('an alias reaches a provider on this machine on both runtimes', async () => {
    const address = `http://host.docker.internal:${new URL(upstream.url).port}/v1`;
    const add = ['provider', 'add', 'openai', '--from-env', 'MY_KEY', '--api-base', address];
    expect((await done(add, { MY_KEY: 'sk-provider-0123456789' })).warnings).toEqual([]);
    await done(['alias', 'add', 'gpt-4o', '--target', 'openai/gpt-4o', '--provider', 'openai']);
    expect(await answer(await keyOf('gpt-4o'), 'gpt-4o')).toBe('pong');
  });

  it('drops parameters of opencode that the target would reject, unless the alias disables it', async () => {
    const add = ['alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai'];
    expect((await done(add)).data).toMatchObject({ change: 'created', dropParams: true });
    expect((await done(add)).data).toMatchObject({ change: 'unchanged' });
    const key = await keyOf('gpt-5');
    expect(await answer(key, 'gpt-5', { reasoning_effort: 'low' })).toBe('pong');
    await done([...add, '--no-drop-params']);
    await expect(chat(key, 'gpt-5', { reasoning_effort: 'low' })).rejects.toMatchObject({ status: 400 });
  });

  it('uses a fallback when the first model answers 500, also after a restart of the gateway', async () => {
    const add = ['alias', 'add', 'broken', '--target', 'openai/fail-500', '--provider', 'openai'];
    await done(add);
    // LiteLLM skips a fallback that the virtual key is not allowed to use.
    const key = await keyOf('broken,ci');
    await expect(chat(key, 'broken')).rejects.toMatchObject({ status: 500 });
    expect((await done([...add, '--fallback', 'ci'])).data).toMatchObject({ change: 'updated' });
    expect((await done([...add, '--fallback', 'ci'])).data).toMatchObject({ change: 'unchanged' });
    expect(await answer(key, 'broken')).toBe('a mock');
    expect((await run(['restart', 'litellm'])).code).toBe(0);
    expect(await answer(key, 'broken')).toBe('a mock');
  });

  it('balances several targets by their weights and exports them to a file', async () => {
    const file = join(folder, 'agents-llm.yaml');
    writeFileSync(
      file,
      `name: shop
aliases:
  both:
    targets:
      - {target: openai/gpt-4o, provider: openai, weight: 1}
      - {target: openai/gpt-4o-mini, provider: openai, weight: 1000000}
    fallbacks: [ci]
  priced: {target: openai/mine, provider: openai, mode: chat, input_price: 2, output_price: 8}
`,
    );
    if (stack.user) chownSync(file, stack.user.uid, stack.user.gid);
    const trusted = { AGENTS_LLM_TRUST: '1' };
    expect((await done(['apply', '--no-check'], trusted, folder)).data.change).toBe('applied');
    expect((await done(['apply', '--no-check'], trusted, folder)).data.change).toBe('unchanged');
    const key = await keyOf('both');
    const from = upstream.seen.length;
    for (let call = 0; call < 6; call += 1) expect(await answer(key, 'both')).toBe('pong');
    expect(upstream.seen.slice(from).map(({ model }) => model)).toEqual(Array(6).fill('gpt-4o-mini'));
    const { aliases } = (await done(['alias', 'list'])).data as { aliases: { name: string }[] };
    expect(aliases.filter(({ name }) => name === 'priced')).toMatchObject([
      { inputPrice: 2, outputPrice: 8, mode: 'chat' },
    ]);
    await done(['apply', '--from-proxy', '--force'], trusted, folder);
    const env = { ...trusted, OPENAI_API_KEY: 'sk-provider-0123456789' };
    expect((await done(['apply', '--no-check'], env, folder)).data).toMatchObject({ change: 'unchanged', plan: [] });
  });

  it('a pattern answers every matching name, is one line and stays when a name is removed', async () => {
    await done(['alias', 'add', 'claude-*', '--target', 'openai/gpt-4o', '--provider', 'openai']);
    await done(['alias', 'add', 'openai/*', '--target', 'openai/*', '--provider', 'openai']);
    expect(await answer(await keyOf('claude-*'), 'claude-sonnet-4-5')).toBe('pong');
    expect(await answer(await keyOf('openai/gpt-4o-mini'), 'openai/gpt-4o-mini')).toBe('pong');
    const { aliases } = (await done(['alias', 'list'])).data as { aliases: { name: string; pattern: boolean }[] };
    expect(aliases.filter(({ pattern }) => pattern).map(({ name }) => name)).toEqual(['claude-*', 'openai/*']);
    expect((await done(['alias', 'remove', 'openai/gpt-4o-mini'])).data.change).toBe('unchanged');
    expect((await done(['alias', 'remove', 'openai/*'])).data.change).toBe('removed');
    expect((await done(['status'])).data.models).toBe(aliases.length - 1);
  });
});
