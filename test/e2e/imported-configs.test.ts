import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { itUnless } from '../support/skipping.ts';
import { callbacksImage } from './support/callbacks-image.ts';
import { type Cli, createCli } from './support/cli.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { parseMetrics } from './support/metrics.ts';
import { type OtlpReceiver, startOtlpReceiver } from './support/otlp-receiver.ts';
import { missingRedis, startRedis } from './support/redis-server.ts';
import { describeOnEach, runtimes } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROJECT = 'e2e-imported';
const PORT = String(await freePort());
const REAL = fileURLToPath(new URL('../fixtures/real-configs/', import.meta.url));

/** How an application calls each kind of model. */
const CALLS = {
  chat: ['chat/completions', { messages: [{ role: 'user', content: 'ping' }] }],
  embedding: ['embeddings', { input: 'ping' }],
  image: ['images/generations', { prompt: 'ping' }],
  speech: ['audio/speech', { input: 'ping', voice: 'alloy' }],
} as const;

/** What the user's shell has. */
const SECRETS = {
  OPENAI_API_KEY: 'sk-of-openai',
  ANTHROPIC_API_KEY: 'sk-of-anthropic',
  GEMINI_API_KEY: 'key-of-gemini',
  GRADIENT_AI_API_KEY: 'key-of-gradient',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'key-of-aws',
  AZURE_API_KEY: 'key-of-azure',
  AZURE_API_KEY_IMAGES: 'key-of-azure-images',
  LANGFUSE_SECRET_KEY: 'sk-of-langfuse',
};

/** Eight files on one stack, one after the other, because a stack of its own for each would take five times as long. */
describeOnEach(runtimes)('configurations from public repositories', (stack) => {
  let cli: Cli;
  let upstream: Upstream;
  let receiver: OtlpReceiver;
  let folder: string;
  let root: string;
  let redisPort: number;
  let before: ReturnType<typeof snapshot>;
  const run = (...args: string[]) => {
    const plain = { OPENAI_ORG_ID: 'org-1', AWS_REGION: 'us-east-1', LANGFUSE_PUBLIC_KEY: 'pk-of-langfuse' };
    const bases = { AZURE_API_BASE: root, AZURE_API_BASE_IMAGES: root };
    return cli.run(['-p', PROJECT, ...args], { ...SECRETS, ...plain, ...bases }, folder);
  };

  /** The file as it is, with the addresses of its user's own servers. */
  const put = (file: string, compose = '', mounts = '') => {
    const text = readFileSync(join(REAL, `${file}.yaml`), 'utf8')
      .replaceAll(/http:\/\/(host\.docker\.internal|ollama):11434/g, root)
      .replaceAll(/http:\/\/host\.docker\.internal:\d+\/v1/g, `${root}/v1`)
      .replace('host: 127.0.0.1, port: "6379"', `host: ${stack.host}, port: "${redisPort}"`);
    writeFileSync(join(folder, 'config.yaml'), text);
    const head = 'services:\n  litellm:\n    image: ghcr.io/berriai/litellm:main-stable\n';
    const mount = '    command: [--config, /app/config.yaml]\n    volumes: ["./config.yaml:/app/config.yaml"';
    writeFileSync(join(folder, 'docker-compose.yml'), `${head}${mount}${mounts}]\n${compose}`);
  };
  const image = () => (stack.runtime === 'docker' ? ['--image', callbacksImage()] : []);
  /** `env` leads the providers' own addresses to the upstream. */
  const start = async (from: 'litellm' | 'compose', env: Readonly<Record<string, string>> = {}) => {
    const source = from === 'litellm' ? 'config.yaml' : 'docker-compose.yml';
    const init = await run('init', `--from-${from}`, source, '--force', '--json');
    expect(init.json).toMatchObject({ ok: true, error: null });
    const given = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    const none = given.length === 0 ? ['--env', 'off'] : given;
    const up = await run('up', '--port', PORT, ...image(), ...none, '--json');
    expect(up.json).toMatchObject({ ok: true, error: null, data: { change: 'started' } });
    // Removes what the previous file created; the next apply changes nothing.
    expect((await run('apply', '--prune', '--json')).json).toMatchObject({ ok: true });
    expect((await run('apply', '--json')).json).toMatchObject({ ok: true, data: { change: 'unchanged' } });
  };

  const get = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${PORT}/${path}`, {
      ...init,
      headers: {
        authorization: `Bearer ${cli.secretsOf(PROJECT).LITELLM_MASTER_KEY}`,
        'content-type': 'application/json',
      },
    });
  const ask = async (model: string, kind: keyof typeof CALLS = 'chat', more: object = {}) => {
    const [path, body] = CALLS[kind];
    const response = await get(`v1/${path}`, { method: 'POST', body: JSON.stringify({ model, ...body, ...more }) });
    return { status: response.status, text: await response.text() };
  };
  const expectServed = async (model: string, kind: keyof typeof CALLS = 'chat') => {
    const { status, text } = await ask(model, kind);
    expect(status, `${model}: ${text}`).toBe(200);
  };
  /** What has arrived at the upstream meanwhile. */
  const seenBy = async (work: () => Promise<unknown>) => {
    const already = upstream.seen.length;
    await work();
    return upstream.seen.slice(already);
  };

  beforeAll(async () => {
    stack.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(stack);
    [upstream, receiver] = await Promise.all([startUpstream(stack), startOtlpReceiver(stack)]);
    root = upstream.url.replace(/\/v1$/, '');
    redisPort = await freePort();
    folder = mkdtempSync(join(tmpdir(), 'agents-llm-imported-'));
  });

  afterAll(async () => {
    await Promise.all([upstream.close(), receiver.close()]);
    stack.remove(cli, PROJECT);
    const seen = cli.everythingSeen();
    cli.dispose();
    rmSync(folder, { recursive: true, force: true });
    for (const secret of Object.values(SECRETS)) expect(seen).not.toContain(secret);
    expectNoLeaks(before);
  });

  it('05: uses the fallback of a role when the first model answers 500', async () => {
    put('05-roles-with-fallbacks');
    await start('litellm', { OPENAI_BASE_URL: `${root}/v1`, GEMINI_API_BASE: `${root}/v1beta` });
    for (const role of ['fast', 'private', 'deep', 'gpt', 'longdoc']) await expectServed(role);
    upstream.failing.add('opus');
    const seen = await seenBy(() => expectServed('deep'));
    upstream.failing.clear();
    expect(seen[0]?.model).toBe('opus');
    expect(seen.at(-1)).toEqual({ key: SECRETS.OPENAI_API_KEY, model: 'gpt-5.5' });
  });

  it('03: runs one model on three clouds with the environment of its Compose file', async () => {
    writeFileSync(join(folder, 'account.json'), '{}');
    writeFileSync(join(folder, '.env'), 'DATABASE_URL=postgresql://elsewhere\nANTHROPIC_API_KEY=sk-of-anthropic\n');
    put(
      '03-claude-code-three-clouds',
      `    env_file: .env
    environment:
      GOOGLE_APPLICATION_CREDENTIALS: /account.json
      ANTHROPIC_API_BASE: ${root}
      GRADIENT_AI_AGENT_ENDPOINT: ${root}
      AWS_BEDROCK_RUNTIME_ENDPOINT: ${root}
`,
      ', "./account.json:/account.json"',
    );
    await start('compose');
    await expectServed('claude-haiku-4-5-20251001');
    // LiteLLM refuses its own retries for Gradient (max_retries), so that one is asked for, but never reached.
    const ways = new Set<string>();
    for (let calls = 0; calls < 60 && ways.size < 3; calls += 1) {
      const seen = await seenBy(async () => {
        const { status, text } = await ask('claude-opus-4-8');
        if (status !== 200) expect(text).toContain("GradientAI does not support parameter 'max_retries'");
      });
      ways.add(seen[0]?.model ?? 'gradient_ai');
    }
    expect([...ways].sort()).toEqual(['claude-opus-4-8', 'gradient_ai', 'us.anthropic.claude-opus-4-8-v1']);
  });

  it('09: serves every name that Claude Code uses with one local model', async () => {
    put('09-claude-names-one-local-model');
    await start('litellm');
    const names = ['claude-sonnet-4-6', 'claude-haiku-4-5[1m]', 'gpt-4o'];
    const seen = await seenBy(async () => {
      for (const name of names) await expectServed(name);
    });
    expect(seen).toEqual(names.map(() => ({ key: 'not-needed', model: 'local-model' })));
  });

  it('12: reads its models from the environment', async () => {
    put(
      '12-names-from-environment',
      `    environment: [OPENAI_MODEL_ASSISTANT=openai/gpt-5, OPENAI_MODEL_LITE=openai/gpt-5-mini, "OPENAI_BASE_URL=${root}/v1", OPENAI_API_KEY]\n`,
    );
    await start('compose');
    const seen = await seenBy(async () => {
      for (const name of ['assistant', 'lite']) await expectServed(name);
    });
    expect(seen.map(({ model }) => model)).toEqual(['gpt-5', 'gpt-5-mini']);
  });

  it('01: serves Azure deployments while the host of a callback does not answer', async () => {
    put('01-azure-deployments-langfuse');
    await start('litellm', { LANGFUSE_HOST: `http://${stack.host}:${await freePort()}` });
    await expectServed('gpt-5');
    await expectServed('voice', 'speech');
    await expectServed('pictures', 'image');
    await expectServed('embed', 'embedding');
  });

  it('07: uses a fallback, exposes Prometheus metrics and sends its trace', async () => {
    put(
      '07-web-chat-tracing-metrics',
      `    environment:
      LANGFUSE_PUBLIC_KEY: pk-of-langfuse
      LANGFUSE_SECRET_KEY: \${LANGFUSE_SECRET_KEY}
      LANGFUSE_HOST: ${receiver.url}
`,
    );
    await start('compose');
    for (const model of ['llama', 'qwen']) await expectServed(model);
    await expectServed('embedding', 'embedding');
    upstream.failing.add('qwen3:4b');
    expect((await seenBy(() => expectServed('qwen'))).at(-1)?.model).toBe('llama3.2');
    upstream.failing.clear();

    await expect
      .poll(() => receiver.traces.map(({ body }) => body).join(''), { timeout: 30_000 })
      .toContain('llama3.2');
    const basic = Buffer.from(`pk-of-langfuse:${SECRETS.LANGFUSE_SECRET_KEY}`).toString('base64');
    expect(receiver.traces[0]).toMatchObject({
      path: '/api/public/otel/v1/traces',
      authorization: `Basic ${basic}`,
    });

    const scrape = await get('metrics');
    expect(scrape.headers.get('content-type')).toMatch(/^text\/plain; version=/);
    const samples = parseMetrics(await scrape.text());
    const requests = samples.filter(({ name }) => name === 'litellm_proxy_total_requests_metric_total');
    expect(requests.find(({ labels }) => labels.requested_model === 'llama')?.value).toBeGreaterThan(0);
    expect(samples.some(({ name }) => name === 'litellm_deployment_failure_responses_total')).toBe(true);
  });

  it('10: applies settings to models in the database', async () => {
    put('10-settings-only-models-in-ui');
    await start('litellm');
    expect((await get('v1/models')).status).toBe(200);
    expect((await run('status', '--json')).json).toMatchObject({ ok: true });
  });

  it('06: serves every model of a provider without its Redis', async () => {
    put('06-wildcard-redis-cache');
    await start('litellm', { OPENAI_BASE_URL: `${root}/v1` });
    const seen = await seenBy(() => expectServed('openai/gpt-4o-mini'));
    expect(seen).toEqual([{ key: SECRETS.OPENAI_API_KEY, model: 'gpt-4o-mini' }]);
  });

  itUnless(missingRedis)('06: serves the second answer from Redis', async () => {
    const stop = await startRedis(redisPort);
    try {
      const messages = [{ role: 'user', content: 'kept' }];
      const isCached = async () => {
        const seen = await seenBy(async () => {
          expect(await ask('openai/gpt-4o-mini', 'chat', { messages })).toMatchObject({ status: 200 });
        });
        return seen.length === 0;
      };
      await expect.poll(isCached, { timeout: 60_000, interval: 500 }).toBe(true);
    } finally {
      await stop();
    }
  });
});
