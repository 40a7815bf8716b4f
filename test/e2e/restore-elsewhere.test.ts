import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { type Cli, createCli } from './support/cli.ts';
import { environmentInGateway, readInGateway } from './support/inside-gateway.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOnEach, runtimes } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const [OLD, NEW] = ['e2e-restore-old', 'e2e-restore-new'];
const PORT = String(await freePort());
const SECRETS = { MY_KEY: 'sk-of-the-provider-1', FILE_KEY: 'sk-of-the-file-1', WORD: 'hush-hush-1' };
const LITELLM = (base: string) => `model_list:
  - model_name: of-file
    litellm_params: {model: openai/gpt-4o, api_base: "${base}", api_key: os.environ/FILE_KEY}
guardrails:
  - {guardrail_name: words, litellm_params: {guardrail: guard.WordGuard, mode: pre_call, default_on: true}}
`;
const GUARD = `import os
from litellm.integrations.custom_guardrail import CustomGuardrail

class WordGuard(CustomGuardrail):
    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        if os.environ["BLOCKED"] in str(data.get("messages")):
            raise ValueError("blocked by the word guard")
        return data
`;
const AGENTS_LLM = (base: string) => `providers:
  openai: {api_key_env: MY_KEY, api_base: "${base}"}
aliases:
  of-database: {target: openai/gpt-4o, provider: openai}
litellm: ./litellm.yaml
env:
  PLAIN: "$HOME #1"
  BLOCKED: {from: WORD}
  FILE_KEY: {from: FILE_KEY}
  ACCOUNT: {file: account.json}
`;
/** The request log and what LiteLLM finds its rows by. */
const LOGS = /^LiteLLM_(SpendLog|ErrorLogs)/;
const TABLES = `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1;\n`;

// Two archives of one stack, with and without its request log, on a machine that has nothing but them.
describeOnEach(runtimes)('a backup that is restored elsewhere', (stack) => {
  let [here, there]: Cli[] = [];
  let upstream: Upstream;
  let folder: string;
  /** Of the stack in the archives; deleted before they are restored. */
  let project: string;
  let before: ReturnType<typeof snapshot>;
  let key = '';
  let rows: Readonly<Record<string, number>> = {};
  let spent: unknown;
  const cliOf = (project: string) => (project === OLD ? here : there) as Cli;
  const on = (project: string, ...args: string[]) => cliOf(project).run(['-p', project, ...args], {}, folder);
  const rowsOf = async (project: string): Promise<Readonly<Record<string, number>>> => {
    const sql = (script: string) => stack.sql(cliOf(project), project, script);
    const tables = (await sql(TABLES)).split('\n');
    const counts = tables.map((name) => `SELECT '${name}', count(*) FROM "${name}"`).join(' UNION ALL ');
    const lines = (await sql(`${counts};\n`)).split('\n').map((line) => line.split('|'));
    return Object.fromEntries(lines.map(([name, count]) => [name, Number(count)]));
  };
  const ask = async (model: string, content = 'ping') => {
    const response = await fetch(`http://127.0.0.1:${PORT}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content }] }),
    });
    return { status: response.status, text: await response.text() };
  };
  const spendOf = async (project: string) => {
    const { total, rows } = (await on(project, 'spend', '--by', 'key', '--json')).json.data;
    return { total, rows };
  };
  /** The gateway as the stack of the archive had it. */
  const expectWhole = async () => {
    for (const model of ['of-database', 'of-file']) expect(await ask(model)).toMatchObject({ status: 200 });
    expect(upstream.seen.slice(-2).map((one) => one.key)).toEqual([SECRETS.MY_KEY, SECRETS.FILE_KEY]);
    expect((await ask('of-file', SECRETS.WORD)).text).toContain('blocked by the word guard');
  };

  beforeAll(async () => {
    for (const project of [OLD, NEW]) stack.remove(undefined, project);
    before = snapshot();
    [here, there] = [createCli(stack), createCli(stack)];
    upstream = await startUpstream(stack);
    folder = mkdtempSync(join(tmpdir(), 'agents-llm-restore-'));
    project = mkdtempSync(join(tmpdir(), 'agents-llm-restore-'));
    for (const [name, text] of Object.entries({
      'agents-llm.yaml': AGENTS_LLM(upstream.url),
      'litellm.yaml': LITELLM(upstream.url),
      'guard.py': GUARD,
      'account.json': '{"private_key": "of the account"}\n',
    }))
      writeFileSync(join(project, name), text);
  });

  afterAll(async () => {
    await upstream.close();
    const seen = [here, there].map((cli) => cli?.everythingSeen() ?? '').join('\n');
    for (const project of [OLD, NEW]) {
      stack.remove(cliOf(project), project);
      cliOf(project).dispose();
    }
    rmSync(folder, { recursive: true, force: true });
    for (const secret of Object.values(SECRETS)) expect(seen).not.toContain(secret);
    expectNoLeaks(before);
  });

  it('is made of a stack that has served requests', async () => {
    const up = await cliOf(OLD).run(['-p', OLD, 'up', '--port', PORT], SECRETS, project);
    rmSync(project, { recursive: true });
    expect(up).toMatchObject({ code: 0 });
    key = (await on(OLD, 'provision-key', '--models', 'of-database,of-file')).stdout.trim();
    await expectWhole();
    const logged = async () => (await on(OLD, 'requests', '--json')).json.data.requests.length;
    await expect.poll(logged, { timeout: 60_000, interval: 1000 }).toBeGreaterThan(2);
    const isPaid = async () => (await spendOf(OLD)).total.requests;
    await expect.poll(isPaid, { timeout: 60_000, interval: 1000 }).toBeGreaterThan(1);
  });

  it('leaves only the request log out of an archive, and says so', async () => {
    rows = await rowsOf(OLD);
    spent = await spendOf(OLD);
    expect(rows.LiteLLM_SpendLogs).toBeGreaterThan(1);
    const files = [join(folder, 'whole.dump'), join(folder, 'bare.dump')] as const;
    const whole = await on(OLD, 'backup', files[0], '--with-secrets', '--json');
    const bare = await on(OLD, 'backup', files[1], '--with-secrets', '--no-logs');
    expect(bare.stdout).toContain('1 provider, 1 alias, 1 key, 0 teams, no request log; ');
    expect(whole.json.data.manifest).not.toHaveProperty('withoutLogs');
    expect((await on(OLD, 'backup', '--no-logs', '--json')).json.data.manifest).toMatchObject({ withoutLogs: true });
    expect((await on(OLD, 'backup', 'list')).stdout).toMatch(/, no request log +ok$/m);
    const [listed] = (await on(OLD, 'backup', 'list', '--json')).json.data.backups;
    expect(listed).toMatchObject({ readable: true, manifest: { withoutLogs: true } });
    expect((await on(OLD, 'down')).code).toBe(0);
  });

  it('asks before it runs Python from elsewhere', async () => {
    const refused = await on(NEW, 'restore', join(folder, 'bare.dump'), '--json');
    expect([refused.code, refused.json.error]).toMatchObject([
      3,
      {
        code: 'confirmation_needed',
        hint: 'Restore it without a question: --force',
        details: { python: ['guard.py'] },
      },
    ]);
  });

  it('brings keys, aliases, spend, configuration and variables, but not the request log', async () => {
    const file = join(folder, 'bare.dump');
    const restored = await cliOf(NEW).run(['-p', NEW, 'restore', file, '--force'], { AGENTS_LLM_PORT: PORT }, folder);
    expect(restored).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('The archive has no request log (--no-logs)'),
    });
    const found = await rowsOf(NEW);
    for (const [name, count] of Object.entries(rows)) {
      if (LOGS.test(name)) expect([name, found[name]]).toEqual([name, 0]);
      else expect([name, found[name]]).toEqual([name, expect.toSatisfy((now: number) => now >= count)]);
    }
    expect((await on(NEW, 'requests', '--json')).json.data.requests).toEqual([]);
    expect(await spendOf(NEW)).toEqual(spent);
    expect((await on(NEW, 'provision-key')).stdout.trim()).toBe(key);
    const given = environmentInGateway(stack, cliOf(NEW), NEW);
    expect(given).toMatchObject({ PLAIN: '$HOME #1', BLOCKED: SECRETS.WORD, FILE_KEY: SECRETS.FILE_KEY });
    expect(readInGateway(stack, NEW, given.ACCOUNT)).toBe('{"private_key": "of the account"}');
    await expectWhole();
  });

  it('brings the request log with the other archive', async () => {
    const restored = await on(NEW, 'restore', join(folder, 'whole.dump'), '--force', '--json');
    expect(restored.json).toMatchObject({ ok: true, data: { withoutLogs: false }, warnings: [] });
    expect((await rowsOf(NEW)).LiteLLM_SpendLogs).toBe(rows.LiteLLM_SpendLogs);
    expect((await on(NEW, 'requests', '--json')).json.data.requests.length).toBeGreaterThan(1);
    await expectWhole();
  });
});
