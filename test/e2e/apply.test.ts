import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { type Cli, createCli } from './support/cli.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOnEach, runtimes } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROJECT = 'e2e-apply';
const PORT = String(await freePort());
const KEYS = { FIRST_KEY: 'sk-first-key-0123456789', SECOND_KEY: 'sk-second-key-0123456789' };

// The files of a project over time, each applied to the real gateway.
describeOnEach(runtimes)('a gateway from a file,', (stack) => {
  let cli: Cli;
  let upstream: Upstream;
  let folder: string;
  let before: ReturnType<typeof snapshot>;
  const file = () => join(folder, 'agents-llm.yaml');
  const run = (args: string[], env: NodeJS.ProcessEnv = KEYS) => cli.run(['-p', PROJECT, ...args], env, folder);
  const apply = async (...args: string[]) => {
    const { json, stderr } = await run(['apply', '--json', ...args]);
    if (!json.ok) throw new Error(`${json.error.message} ${stderr}`);
    return json.data as { change: string; plan: { action: string; kind: string; name: string; changes: string[] }[] };
  };
  const steps = async (...args: string[]) =>
    (await apply(...args)).plan.map(({ action, kind, name }) => `${action} ${kind} ${name}`);
  const write = (text: string) => writeFileSync(file(), text);
  const chat = () =>
    new OpenAI({
      apiKey: /^OPENAI_API_KEY=(.*)$/m.exec(readFileSync(join(folder, '.env'), 'utf8'))?.[1] ?? '',
      baseURL: `http://127.0.0.1:${PORT}/v1`,
      maxRetries: 0,
    }).chat.completions.create({ model: 'gpt-5', messages: [{ role: 'user', content: 'ping' }] });

  /** A, and what it becomes. */
  const A = () => `port: ${PORT}
providers:
  openai: {api_key_env: FIRST_KEY, api_base: "${upstream.url}", values: {organization: first}}
aliases:
  gpt-5: {target: openai/gpt-4o, provider: openai, params: {temperature: 0.2, extra_headers: {x-b: b, x-a: a}}}
  old: {target: openai/gpt-4o-mini, provider: openai}
keys:
  app: {models: [gpt-5, old], max_budget: 5, rpm_limit: 60, write_env: {file: .env}}
  old: {models: [old]}
`;
  const B = () => `port: ${PORT}
providers:
  openai: {api_key_env: SECOND_KEY, api_base: "${upstream.url}"}
  other: {provider: openai, api_key_env: FIRST_KEY, api_base: "${upstream.url}"}
aliases:
  gpt-5: {target: openai/gpt-4.1, provider: openai, params: {drop_params: true}}
  fast: {target: openai/gpt-4o-mini, provider: other}
keys:
  app: {models: [gpt-5, fast], duration: 7d, tpm_limit: 100000, write_env: {file: .env}}
`;

  beforeAll(async () => {
    stack.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(stack);
    upstream = await startUpstream(stack);
    folder = mkdtempSync(join(tmpdir(), 'agents-llm-e2e-apply-'));
    execFileSync('git', ['init', '-q', folder]);
  });

  afterAll(async () => {
    await upstream.close();
    stack.remove(cli, PROJECT);
    rmSync(folder, { recursive: true });
    cli.dispose();
    expectNoLeaks(before);
  });

  it('is started and configured by one up and unchanged by another', async () => {
    write(A());
    const first = await run(['up', '--json']);
    expect(first.json.error).toBeNull();
    expect(first.json.data.url).toBe(`http://127.0.0.1:${PORT}`);
    expect(first.json.data.applied.plan).toHaveLength(6);
    expect((await chat()).choices[0]?.message.content).toBe('pong');
    expect(upstream.seen.at(-1)).toEqual({ key: KEYS.FIRST_KEY, model: 'gpt-4o' });
    const second = await run(['up', '--json']);
    expect(second.json.data).toMatchObject({ change: 'unchanged', applied: { plan: [] } });
  });

  it('matches the next file exactly, and another apply changes nothing', async () => {
    write(B());
    const planned = await steps('--prune', '--dry-run');
    expect(await steps('--prune')).toEqual(planned);
    expect(planned).toEqual([
      'update provider openai',
      'create provider other',
      'update alias gpt-5',
      'create alias fast',
      'update key app',
      'remove key old',
      'remove alias old',
    ]);
    expect(await apply('--prune')).toMatchObject({ change: 'unchanged', plan: [] });
    await chat();
    expect(upstream.seen.at(-1)).toEqual({ key: KEYS.SECOND_KEY, model: 'gpt-4.1' });
    const { keys } = (await run(['key', 'list', '--json'])).json.data;
    expect(keys).toMatchObject([{ alias: 'app', models: ['gpt-5', 'fast'], maxBudget: null }]);
  });

  it('stays unchanged when the provider rejects the new key', async () => {
    const refused = await run(['apply', '--json'], { ...KEYS, SECOND_KEY: 'sk-bad-key-0123456789' });
    expect([refused.code, refused.json.error.code]).toEqual([8, 'provider_failed']);
    expect(await apply()).toMatchObject({ change: 'unchanged' });
    expect((await chat()).choices[0]?.message.content).toBe('pong');
  });

  it('is completed by the next apply after one was killed at any step', async () => {
    for (const at of ['provider openai', 'alias gpt-5', 'key app']) {
      write(A());
      const { child, result } = cli.start(['-p', PROJECT, 'apply'], KEYS, folder);
      child.stderr?.on('data', (text) => String(text).includes(at) && child.kill('SIGKILL'));
      expect((await result).code, at).toBe(137);
      await apply('--prune');
      expect(await apply('--prune')).toMatchObject({ change: 'unchanged', plan: [] });
      write(B());
      await apply('--prune');
      expect(await apply('--prune')).toMatchObject({ change: 'unchanged', plan: [] });
    }
    expect((await chat()).choices[0]?.message.content).toBe('pong');
  });

  it('is the same after two applies at the same time', async () => {
    write(A());
    const both = await Promise.all([run(['apply']), run(['apply'])]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(await apply()).toMatchObject({ change: 'unchanged' });
  });

  it('can be exported to a file that matches it', async () => {
    rmSync(file());
    expect((await run(['apply', '--from-proxy'])).code).toBe(0);
    const text = readFileSync(file(), 'utf8');
    const env = { OPENAI_API_KEY: KEYS.FIRST_KEY, OTHER_API_KEY: KEYS.FIRST_KEY };
    expect((await run(['apply', '--json'], env)).json.data).toMatchObject({ change: 'unchanged', plan: [] });
    for (const secret of Object.values(KEYS)) expect(text).not.toContain(secret);
  });

  it('loses what came from the file with --prune, but nothing created by hand', async () => {
    await run(['alias', 'add', 'hand', '--target', 'openai/gpt-4o', '--provider', 'openai']);
    write('port: 4000\n');
    const pruned = await run(['apply', '--prune', '--json']);
    expect(pruned.json.warnings).toContainEqual('Provider openai stays because it is in use by hand');
    const lists = await Promise.all(['provider', 'alias', 'key'].map((noun) => run([noun, 'list', '--json'])));
    const names = lists.map(({ json }) =>
      Object.values<{ name?: string; alias?: string }[]>(json.data)[0]?.map(({ name, alias }) => name ?? alias),
    );
    expect(names).toEqual([['openai'], ['hand'], []]);
  });

  it('shows no key in any output', () => {
    for (const secret of Object.values(KEYS)) expect(cli.everythingSeen()).not.toContain(secret);
  });
});
