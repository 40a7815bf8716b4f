import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { type Cli, createCli } from './support/cli.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOn, onNative, stacks } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';
import { installUv } from './support/uv.ts';

const PROJECT = 'e2e-native-upgrade';
const PORT = String(await freePort());
const OLDER = process.env.AGENTS_LLM_TEST_OLDER_LITELLM?.split(':v')[1] ?? '1.104.7';
const LOCK_PYTHON = fileURLToPath(new URL('../../scripts/lock-python.js', import.meta.url));
/** Root's installations belong to the whole machine, so tests must not add to them. */
const stack = stacks.findLast(({ runtime }) => runtime === 'native') ?? onNative;

// The tests build on each other: an older LiteLLM with its own lock file, then the version of the package.
describeOn(stack)('a native stack of an older LiteLLM', () => {
  let cli: Cli;
  let upstream: Upstream;
  let before: ReturnType<typeof snapshot>;
  let key = '';
  const env: Record<string, string> = { MY_KEY: 'sk-provider-key-0123456789' };
  const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args], env);
  const chat = async () => {
    const client = new OpenAI({ apiKey: key, baseURL: `http://127.0.0.1:${PORT}/v1`, maxRetries: 0 });
    const messages = [{ role: 'user' as const, content: 'ping' }];
    return (await client.chat.completions.create({ model: 'gpt-5', messages })).choices[0]?.message.content;
  };

  beforeAll(async () => {
    before = snapshot();
    cli = createCli(stack);
    const root = dirname(cli.home);
    const locks = join(root, 'locks');
    mkdirSync(locks);
    env.AGENTS_LLM_NATIVE_LOCKS = locks;
    env.PATH = `${installUv(root)}:${process.env.PATH}`;
    execFileSync(process.execPath, [LOCK_PYTHON, OLDER, locks], { env: { ...process.env, PATH: env.PATH } });
    upstream = await startUpstream(stack);
  });

  afterAll(async () => {
    await upstream.close();
    stack.remove(cli, PROJECT);
    cli.dispose();
    expectNoLeaks(before);
  });

  it('runs from the lock file of the script', async () => {
    const up = await run('up', '--port', PORT, '--image', `litellm==${OLDER}`, '--json');
    expect(up.json.data).toMatchObject({ change: 'started', runtime: 'native', version: OLDER });
    expect((await run('provider', 'add', 'openai', '--from-env', 'MY_KEY', '--api-base', upstream.url)).code).toBe(0);
    expect((await run('alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai')).code).toBe(0);
    key = (await run('provision-key')).stdout.trim();
    expect(await chat()).toBe('pong');
    expect((await run('status')).stdout).toContain('made for litellm==1.108.11');
  });

  it('is upgraded and keeps its data', async () => {
    const upgraded = await run('upgrade', '--json');
    expect(upgraded.json.data).toMatchObject({
      change: 'upgraded',
      from: `litellm==${OLDER}`,
      to: 'litellm==1.108.11',
      version: '1.108.11',
    });
    expect(upgraded.json.data.backup).toMatch(/-upgrade\.dump$/);
    expect(await chat()).toBe('pong');
    expect((await run('status', '--json')).json.data).toMatchObject({ version: '1.108.11', models: 1, keys: 1 });
    expect((await run('up', '--json')).json.data.change).toBe('unchanged');
  });

  it('is downgraded only on request, with the earlier data', async () => {
    const back = await run('upgrade', '--to', OLDER, '--json');
    expect([back.code, back.json.error?.code]).toEqual([3, 'confirmation_needed']);
    const unknown = await run('upgrade', '--to', '1.200.0', '--json');
    expect([unknown.code, unknown.json.error?.code]).toEqual([5, 'release_unknown']);
    expect((await run('restore', 'latest', '--with-image', '--no-backup', '--force')).code).toBe(0);
    expect((await run('status', '--json')).json.data).toMatchObject({ state: 'ready', version: OLDER });
    expect(await chat()).toBe('pong');
  });
});
