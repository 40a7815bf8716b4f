import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { itWhere } from '../support/skipping.ts';
import { type Cli, createCli } from './support/cli.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOnEach, runtimes } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROJECT = 'e2e-litellm-config';
const PORT = String(await freePort());
const GUARD = `from litellm.integrations.custom_guardrail import CustomGuardrail
from words import BLOCKED

class WordGuard(CustomGuardrail):
    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        if BLOCKED in str(data.get("messages")):
            raise ValueError("blocked by the word guard")
        return data
`;

const OLD_REQUESTS = ['29 days', '31 days', '400 days']
  .map((age) => {
    const [id, time] = [`of-${age.replace(' ', '-')}`, `now() - interval '${age}'`];
    return `INSERT INTO "LiteLLM_SpendLogs" (request_id, call_type, "startTime", "endTime") VALUES ('${id}', '', ${time}, ${time});\n`;
  })
  .join('');

// All tests use one stack, because each start takes half a minute.
describeOnEach(runtimes)("LiteLLM's own configuration", (stack) => {
  let cli: Cli;
  let upstream: Upstream;
  let failing: Server;
  let folder: string;
  let before: ReturnType<typeof snapshot>;
  const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args], { MY_KEY: 'sk-litellm-config' }, folder);
  const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const config = (litellm: string) =>
    put(
      'agents-llm.yaml',
      `providers:\n  openai: {api_key_env: MY_KEY, api_base: "${upstream.url}"}\naliases:\n  of-database: {target: openai/gpt-4o-mini, provider: openai}\n${litellm}`,
    );
  const own = (more = '') => {
    const { port } = failing.address() as AddressInfo;
    const row = (name: string, base: string) =>
      `    - {model_name: ${name}, litellm_params: {model: openai/gpt-4o, api_base: "${base}", api_key: not-needed}}\n`;
    return `litellm:
  model_list:
${row('of-file', upstream.url)}${row('failing', `http://${stack.host}:${port}/v1`)}  litellm_settings: {num_retries: 0${stack.runtime === 'native' ? ', callbacks: [prometheus]' : ''}}
  router_settings: {fallbacks: [{failing: [of-database]}]}
  general_settings: {maximum_spend_logs_retention_interval: 5s}
  guardrails:
    - {guardrail_name: words, litellm_params: {guardrail: guard.WordGuard, mode: pre_call, default_on: true}}
${more}`;
  };
  const ask = async (model: string, content = 'hello') => {
    const response = await fetch(`http://127.0.0.1:${PORT}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${cli.secretsOf(PROJECT).LITELLM_MASTER_KEY}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ model, messages: [{ role: 'user', content }] }),
    });
    return { status: response.status, text: await response.text() };
  };

  beforeAll(async () => {
    stack.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(stack);
    upstream = await startUpstream(stack);
    failing = createServer((_, response) => response.writeHead(500).end('{"error": {"message": "failed"}}'));
    await new Promise<void>((resolve) => failing.listen(0, '0.0.0.0', resolve));
    folder = mkdtempSync(join(tmpdir(), 'agents-llm-litellm-'));
    put('guard.py', GUARD);
    put('words.py', 'BLOCKED = "forbidden"\n');
  });

  afterAll(async () => {
    await upstream.close();
    failing.close();
    stack.remove(cli, PROJECT);
    cli.dispose();
    rmSync(folder, { recursive: true, force: true });
    expectNoLeaks(before);
  });

  it('works with the database, with fallbacks and a guardrail in Python', async () => {
    config(own());
    const up = await run('up', '--port', PORT, '--json');
    expect(up.json).toMatchObject({ ok: true, data: { change: 'started', logRetention: '30d' } });
    await stack.sql(cli, PROJECT, OLD_REQUESTS);
    for (const model of ['of-file', 'of-database', 'failing']) {
      expect(await ask(model), model).toMatchObject({ status: 200 });
    }
    expect(upstream.seen.at(-1)?.model).toBe('gpt-4o-mini');
    expect((await ask('of-file', 'forbidden')).text).toContain('blocked by the word guard');
    expect((await run('up', '--json')).json.data.change).toBe('unchanged');
  });

  // An image may be without the package; the lock file is not.
  itWhere(stack.runtime === 'native')('exposes the metrics of its Prometheus callback', async () => {
    const authorization = `Bearer ${cli.secretsOf(PROJECT).LITELLM_MASTER_KEY}`;
    await expect
      .poll(async () => (await fetch(`http://127.0.0.1:${PORT}/metrics`, { headers: { authorization } })).text(), {
        timeout: 20_000,
      })
      .toMatch(/^litellm_proxy_total_requests_metric_total\{.*of-file/m);
  });

  it('deletes only requests older than 30 days from the log', async () => {
    const logged = async () =>
      stack.sql(cli, PROJECT, `SELECT request_id FROM "LiteLLM_SpendLogs" WHERE request_id LIKE 'of-%' ORDER BY 1;\n`);
    await expect.poll(logged, { timeout: 120_000, interval: 1000 }).toBe('of-29-days');
    expect((await run('up', '--json')).json.data.logRetention).toBeNull();
  });

  it('names Python code that cannot be loaded', async () => {
    put('words.py', 'import nothing_here\n');
    const apply = await run('apply', '--json');
    expect(apply.json.warnings.join('\n')).toContain('litellm in agents-llm.yaml differs');
    const up = await run('up', '--json');
    expect(up.code).toBe(7);
    expect(up.json.error.message).toContain(
      "it cannot load WordGuard from guard: ModuleNotFoundError: No module named 'nothing_here'",
    );
    rmSync(join(folder, 'guard.py'));
    expect((await run('up', '--json')).json.error.message).toContain(
      "it cannot load WordGuard from guard: ModuleNotFoundError: No module named 'guard'",
    );
  });

  it('is removed when the file no longer contains it', async () => {
    config('');
    expect((await run('up', '--json')).json.data.change).toBe('started');
    expect(await ask('of-file')).toMatchObject({ status: 400 });
    expect(await ask('of-database', 'forbidden')).toMatchObject({ status: 200 });
  });
});
