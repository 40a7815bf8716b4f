import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import type { LoggedRequest } from '../../src/litellm/requests/logged-request.ts';
import { type Cli, createCli } from './support/cli.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOnEach, runtimes, type StackUnderTest } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROVIDER_KEY = 'sk-provider-key-0123456789';
const REFUSED_KEY = 'sk-bad-key-0123456789';
const PROJECT = 'e2e-requests';
const PORT = String(await freePort());
/** LiteLLM writes its log in batches. */
const LOGGED = { timeout: 60_000, interval: 1000 };

const ALIASES = [
  ['gpt-5', 'openai/gpt-4o', 'openai'],
  ['slow', 'openai/slow-3000', 'openai'],
  ['broken', 'openai/broken', 'openai'],
  ['busy', 'openai/fail-429', 'openai'],
  ['faulty', 'openai/fail-500', 'openai'],
  ['locked', 'openai/gpt-4o', 'refused'],
] as const;

/** A gateway with an alias for each fault of a provider. */
function withGateway(stack: StackUnderTest) {
  let cli: Cli;
  let upstream: Upstream;
  let before: ReturnType<typeof snapshot>;
  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}, input?: string) =>
    cli.start(['-p', PROJECT, ...args], { AGENTS_LLM_DEBUG: '', ...env }, undefined, input);
  const run = (args: readonly string[], env?: NodeJS.ProcessEnv, input?: string) => start(args, env, input).result;

  beforeAll(async () => {
    stack.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(stack);
    upstream = await startUpstream(stack);
    expect((await run(['up', '--port', PORT])).code).toBe(0);
    for (const [name, MY_KEY] of [
      ['openai', PROVIDER_KEY],
      ['refused', REFUSED_KEY],
    ]) {
      const provider = ['provider', 'add', `${name}`, '--provider', 'openai', '--from-env', 'MY_KEY'];
      expect((await run([...provider, '--api-base', upstream.url], { MY_KEY })).code).toBe(0);
    }
    for (const [name, target, provider] of ALIASES) {
      const alias = ['alias', 'add', name, '--target', target, '--provider', provider, '--no-drop-params'];
      expect((await run(alias)).code).toBe(0);
    }
    expect((await run(['provision-key', '--models', ALIASES.map(([name]) => name).join(',')])).code).toBe(0);
  });

  afterAll(async () => {
    await upstream.close();
    stack.remove(cli, PROJECT);
    cli.dispose();
    expectNoLeaks(before);
  });

  const logged = async (...args: string[]): Promise<readonly LoggedRequest[]> =>
    (await run(['requests', '--json', ...args])).json.data.requests;
  /** As an application asks, with a parameter that the target does not know. */
  const askWithEffort = async () => {
    const key = (await run(['provision-key'])).stdout.trim();
    const asked = { model: 'gpt-5', reasoning_effort: 'low', messages: [{ role: 'user', content: 'ping' }] };
    const answer = await fetch(`http://127.0.0.1:${PORT}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'user-agent': 'my-agent/1.0' },
      body: JSON.stringify(asked),
    });
    await answer.text();
    return answer.status;
  };
  return { run, start, logged, askWithEffort };
}

describeOnEach(runtimes)('requests through the gateway', (stack) => {
  const gateway = withGateway(stack);
  describeChat(gateway);
  describeRequests(gateway);
  describeSpend(gateway);
});

type Gateway = ReturnType<typeof withGateway>;

function describeChat({ run }: Gateway): void {
  describe('chat', () => {
    it('answers a prompt from stdin', async () => {
      expect(await run(['chat'], {}, 'ping\n')).toMatchObject({ code: 0, stdout: 'pong\n', stderr: '' });
    });

    it('--json includes the usage and the cost', async () => {
      const { code, json } = await run(['chat', '--json', 'Say hello']);
      expect(code).toBe(0);
      const usage = { promptTokens: 1, completionTokens: 1, totalTokens: 2 };
      expect(json.data).toMatchObject({ model: 'gpt-5', text: 'pong', usage, latencyMs: expect.any(Number) });
      expect(json.data.cost).toBeGreaterThan(0);
    });

    it('waits for a slow model up to --timeout', async () => {
      expect(await run(['chat', 'slow', 'ping'])).toMatchObject({ code: 0, stdout: 'pong\n' });
      const { code, json } = await run(['chat', 'slow', 'ping', '--timeout', '1s', '--json']);
      expect([code, json.error]).toMatchObject([
        8,
        { code: 'provider_failed', message: '"slow" did not finish its answer within 1 s' },
      ]);
    });

    it.each([
      ['busy', '"openai/fail-429" is over its rate limit or quota: Slow down', /^Wait a minute/],
      ['faulty', 'The provider of "openai/fail-500" failed: No', / provider test openai --model openai\/fail-500$/],
      [
        'locked',
        'The provider of "openai/gpt-4o" refused its key: Incorrect API key provided',
        / provider add refused --provider openai --from-stdin$/,
      ],
    ])('%s: explains why in one line', async (alias, message, hint) => {
      const { code, stdout, stderr } = await run(['chat', alias, 'ping', '--json']);
      expect([code, stderr]).toEqual([8, '']);
      const { error } = JSON.parse(stdout);
      expect(error).toMatchObject({ code: 'provider_failed', message, hint: expect.stringMatching(hint) });
    });

    it('prints the start of a stream that breaks off and reports the break', async () => {
      expect(await run(['chat', 'broken', 'ping'])).toMatchObject({
        code: 8,
        stdout: 'po\n',
        stderr: expect.stringContaining('error: The answer of "broken" broke off before its end\n'),
      });
    });
  });
}

function describeRequests({ run, start, logged, askWithEffort }: Gateway): void {
  describe('requests', () => {
    it('lists requests with key, target, status and reason', async () => {
      const kinds = async () => (await logged('-n', '100')).map(({ model, status }) => `${model} ${status}`);
      const all = ['gpt-5 success', 'slow success', 'busy failure', 'faulty failure', 'locked failure'];
      await expect.poll(kinds, LOGGED).toEqual(expect.arrayContaining(all));
      const { stdout } = await run(['requests', '--model', 'busy', '-n', '1']);
      expect(stdout).toMatch(/agents-service +busy -> openai\/fail-429 +failure +\d+ +\$0\.0000 /);
      expect(stdout).toContain('\n  "openai/fail-429" is over its rate limit or quota: Slow down\n');
    });

    it('lists only the requests that match a filter', async () => {
      const failed = await logged('--failed', '-n', '100');
      expect(new Set(failed.map(({ status }) => status))).toEqual(new Set(['failure']));
      const slow = await logged('--model', 'slow', '-n', '100');
      expect(new Set(slow.map(({ target }) => target))).toEqual(new Set(['openai/slow-3000']));
      expect((await logged('--key', 'agents-service', '-n', '100')).length).toBeGreaterThan(failed.length);
      expect(await logged('--key', 'agents')).toEqual([]);
      expect(await logged('--model', 'gpt-5', '--failed')).toEqual([]);
      expect(await logged('-n', '2')).toHaveLength(2);
    });

    it('show prints one request, and the command in its hint fixes it', async () => {
      expect(await askWithEffort()).toBe(400);
      const failed = () => logged('--failed', '--model', 'gpt-5');
      await expect.poll(async () => (await failed()).length, LOGGED).toBe(1);
      const id = (await failed())[0]?.id ?? '';
      const { hint, ...shown } = (await run(['requests', 'show', id, '--json'])).json.data;
      expect(shown).toMatchObject({ id, key: 'agents-service', status: 'failure', client: 'my-agent/1.0' });
      expect(shown.reason).toMatch(/^"openai\/gpt-4o" does not support a parameter of the request: /);
      const command = `agents-llm -p ${PROJECT} alias add gpt-5 --target openai/gpt-4o --provider openai --drop-params`;
      expect(hint).toBe(`Drop such parameters: ${command}`);
      expect((await run(command.split(' ').slice(3))).code).toBe(0);
      await expect.poll(askWithEffort, LOGGED).toBe(200);
    });

    it('show reports a request that is not in the log', async () => {
      const { code, json } = await run(['requests', 'show', 'gone', '--json']);
      expect([code, json.error]).toMatchObject([
        2,
        { code: 'usage', message: 'Request "gone" is not in LiteLLM\'s log' },
      ]);
    });

    it('-f prints a request that began before it', async () => {
      const asked = run(['chat', 'slow', 'ping']);
      const { child, result } = start(['requests', '-f', '--json', '-n', '1', '--model', 'slow']);
      const lines = () => text.trim().split('\n').filter(Boolean);
      let text = '';
      child.stdout?.on('data', (piece) => {
        text += piece;
      });
      try {
        await expect.poll(() => lines().length, LOGGED).toBe(1);
        expect((await asked).code).toBe(0);
        await expect.poll(() => lines().length, LOGGED).toBe(2);
      } finally {
        child.kill('SIGINT');
        expect((await result).code).toBe(130);
      }
      const shown = lines().slice(0, 2);
      expect(shown.map((line) => JSON.parse(line).model)).toEqual(['slow', 'slow']);
    });
  });
}

function describeSpend({ run, logged }: Gateway): void {
  describe('spend', () => {
    const spent = async (by: string) => (await run(['spend', '--by', by, '--json'])).json.data;

    it('adds up requests by model, by key and by day', async () => {
      const cost = (await logged('-n', '1000')).reduce((sum, row) => sum + row.cost, 0);
      await expect.poll(async () => (await spent('model')).total.cost, LOGGED).toBeCloseTo(cost, 9);
      const [models, keys, days] = [await spent('model'), await spent('key'), await spent('day')];
      const named = (rows: readonly { readonly name: string | null }[]) => rows.map(({ name }) => name);
      expect(named(models.rows)).toEqual(expect.arrayContaining(['gpt-5', 'slow', 'busy']));
      expect(named(keys.rows)).toContain('agents-service');
      expect(named(days.rows)).toContain(new Date().toISOString().slice(0, 10));
      expect(models.total).toEqual(days.total);
      expect(models.total.failed).toBeGreaterThan(0);
    });

    it('prints a table with a total', async () => {
      const { code, stdout } = await run(['spend']);
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^MODEL +REQUESTS +FAILED +TOKENS +COST\ngpt-5 +\d/)]);
      expect(stdout).toMatch(/^total +\d+ +\d+ +\d+ +\$0\.\d+$/m);
    });
  });
}
