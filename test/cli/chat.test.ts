import { describe, expect, test } from 'vitest';
import { configureCli } from '../support/configure-cli.ts';
import { recordedChat } from '../support/recorded-chat.ts';
import type { Recorded } from '../support/recorded-litellm.ts';
import { startBin } from '../support/run-bin.ts';

const PATH = '/v1/chat/completions';
const MODELS = [
  { id: '1', name: 'gpt-5', params: { model: 'openai/gpt-4o', litellm_credential_name: 'work' }, live: true },
  { id: '2', name: 'embed', params: { model: 'openai/e' }, info: { mode: 'embedding' }, live: true },
  { id: '3', name: 'fast', params: { model: 'openai/gpt-4o-mini' }, live: true },
];

/** A gateway whose models give this answer. */
async function withAnswer(answer: Recorded = recordedChat('stream')) {
  const cli = await configureCli();
  cli.fake.state.models.push(...MODELS);
  cli.fake.faults.answer = ({ path }) => (path === PATH ? answer : undefined);
  const calls = () => cli.fake.seen.filter(({ path }) => path === PATH);
  return { ...cli, calls };
}

describe('chat', () => {
  test('asks gpt-5 with the virtual key of run and prints the answer', async () => {
    const { fake, run, calls } = await withAnswer();
    const { stdout: env } = await run(['env']);
    expect(await run(['chat', 'Say hello'])).toEqual({ code: 0, stdout: 'pong\n', stderr: '' });
    expect(env).toContain(fake.state.keys[0]?.raw);
    expect(calls()).toMatchObject([
      {
        key: fake.state.keys[0]?.raw,
        body: { model: 'gpt-5', stream: true, messages: [{ role: 'user', content: 'Say hello' }] },
      },
    ]);
  });

  test('looks up its key once', async () => {
    const { fake, run } = await withAnswer();
    await run(['env']);
    const lookUps = () => fake.seen.filter(({ path }) => path === '/key/list').length;
    const before = lookUps();
    await run(['chat', 'Say hello']);
    expect(lookUps() - before).toBe(1);
  });

  test.each([
    [['chat'], 'from stdin', 'gpt-5', 'from stdin'],
    [['chat', 'fast'], 'from stdin', 'fast', 'from stdin'],
    [['chat', 'fast', 'two', 'words'], '', 'fast', 'two words'],
  ])('%j', async (args, stdin, model, content) => {
    const { run, calls } = await withAnswer();
    expect(await run(args, {}, stdin)).toMatchObject({ code: 0, stdout: 'pong\n' });
    expect(calls()[0]?.body).toMatchObject({ model, messages: [{ content }] });
  });

  test('--json waits for the whole answer', async () => {
    const { run } = await withAnswer(recordedChat('answer'));
    const { stdout, code } = await run(['chat', '--json', 'Say hello']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'chat',
      data: {
        model: 'gpt-5',
        text: 'pong',
        usage: { promptTokens: 1, completionTokens: 1, totalTokens: 2 },
        cost: null,
        latencyMs: expect.any(Number),
      },
    });
  });

  test('shows a complete answer even when it asked for a stream', async () => {
    const { run } = await withAnswer(recordedChat('answer'));
    expect(await run(['chat', 'Say hello'])).toMatchObject({ code: 0, stdout: 'pong\n' });
  });

  test('warns about an answer without text', async () => {
    // LiteLLM 1.90 ends an interrupted stream like this.
    const { run } = await withAnswer(recordedChat('broken stream', '1.90.2'));
    const warning = '"gpt-5" answered without any text';
    expect(await run(['chat', 'Say hello'])).toEqual({ code: 0, stdout: '', stderr: `warning: ${warning}\n` });
  });

  test('does not let the answer of a model move the cursor', async () => {
    const data = JSON.stringify({ choices: [{ delta: { content: '\u001b[2Jboo' }, finish_reason: 'stop' }] });
    const { run } = await withAnswer({ status: 200, body: `data: ${data}\n\n`, contentType: 'text/event-stream' });
    expect((await run(['chat', 'Say hello'])).stdout).toBe('boo\n');
  });
});

const PROVIDER = /^Check it: agents-llm provider test work --model openai\/gpt-4o$/;

describe('a failing chat', () => {
  test.each([
    ['budget spent', 8, 'budget_spent', /^Virtual key "agents-service" has spent its budget$/, /--max-budget DOLLARS$/],
    [
      'key expired',
      4,
      'key_refused',
      /^Virtual key "agents-service" has expired$/,
      /provision-key --alias agents-service$/,
    ],
    ['model not allowed', 8, 'request_rejected', /is not allowed to use "gpt-5"$/, /--models \S+,gpt-5$/],
    ['model unknown', 8, 'models_missing', /^LiteLLM has no model "gpt-5"$/, /alias add gpt-5/],
    ['wrong key', 4, 'key_refused', /^The gateway does not accept the virtual key$/, /--rotate$/],
    [
      'rate limit',
      8,
      'provider_failed',
      /^"openai\/gpt-4o" is over its rate limit or quota: Rate limit reached$/,
      /^Wait/,
    ],
    [
      'server error',
      8,
      'provider_failed',
      /^The provider of "openai\/gpt-4o" failed: The server had an error$/,
      PROVIDER,
    ],
    [
      'provider down',
      8,
      'provider_failed',
      /^The provider of "openai\/gpt-4o" cannot be reached: Connection/,
      /^See what keeps .*: agents-llm doctor --online$/,
    ],
    ['provider key refused', 8, 'provider_failed', /refused its key: Incorrect API key provided$/, /provider add work/],
    [
      'unsupported parameter',
      8,
      'provider_failed',
      /does not support a parameter of the request: .*\['reasoning_effort'\], for model=gpt-4o$/,
      /alias add gpt-5 --target openai\/gpt-4o --provider work --drop-params$/,
    ],
    ['broken stream', 8, 'provider_failed', /^The answer of "gpt-5" broke off before its end$/, /logs litellm -n 50$/],
  ])('%s', async (label, exitCode, code, message, hint) => {
    const { run } = await withAnswer(recordedChat(label));
    const text = await run(['chat', 'Say hello']);
    expect(text.code).toBe(exitCode);
    expect(text.stdout).toBe(label === 'broken stream' ? 'po\n' : '');
    const [error = '', first = ''] = text.stderr.trim().split('\n');
    expect(error.replace('error: ', '')).toMatch(message);
    expect(first.replace('hint: ', '')).toMatch(hint);
    if (label === 'broken stream') return;
    const json = await run(['chat', '--json', 'Say hello']);
    expect(json.code).toBe(exitCode);
    expect(JSON.parse(json.stdout).error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('reports a connection that breaks', async () => {
    const { fake, run } = await withAnswer();
    fake.faults.cutAfter = PATH;
    const { code, stderr } = await run(['chat', 'Say hello']);
    expect([code, stderr]).toEqual([8, expect.stringMatching(/cannot be reached \(ECONNRESET\)/)]);
  });

  test('reports a stream that ends too early', async () => {
    const body = String(recordedChat('stream').body).split('\n\n')[0];
    const { run } = await withAnswer({ status: 200, body: `${body}\n\n`, contentType: 'text/event-stream' });
    const { code, stdout, stderr } = await run(['chat', 'Say hello']);
    expect([code, stdout]).toEqual([8, 'po\n']);
    expect(stderr).toContain('error: The answer of "gpt-5" broke off before its end\n');
  });

  test('reports a timeout', async () => {
    const { fake, run } = await withAnswer();
    fake.faults.before = ({ path }) =>
      path === PATH ? new Promise((resolve) => setTimeout(resolve, 3000)) : undefined;
    const { stdout, code } = await run(['chat', '--timeout', '1s', '--json', 'Say hello']);
    expect(code).toBe(8);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'provider_failed',
      message: '"gpt-5" did not finish its answer within 1 s',
      hint: 'Wait longer with --timeout 30m, or use a faster model',
    });
  });

  test('stops on Ctrl-C', async () => {
    const { fake, env } = await withAnswer();
    let asked: () => void = () => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    fake.faults.before = ({ path }) => {
      if (path !== PATH) return undefined;
      asked();
      return new Promise((resolve) => setTimeout(resolve, 2000));
    };
    const running = startBin(['chat', 'Say hello'], env);
    await isAsked;
    running.kill('SIGINT');
    expect(await running.result).toMatchObject({ code: 130, stdout: '', stderr: 'error: Interrupted\n' });
  });

  test.each([
    [['fsat', 'hello'], 8, 'models_missing', 'LiteLLM has no model "fsat". Did you mean fast?', /^Use one of/],
    [
      ['embed', 'hello'],
      2,
      'usage',
      '"embed" is not a chat model, because its mode is embedding',
      /^Use another model/,
    ],
    [['claude-*', 'hello'], 2, 'usage', '"claude-*" is a pattern, but one model is needed', /^Name one model/],
    [['fast', ' '], 2, 'usage', 'No prompt given', /^Give one: agents-llm chat fast "Say hello"$/],
    [[''], 2, 'usage', 'No prompt given', /^Give one: agents-llm chat gpt-5 "Say hello"$/],
    [['gpt-5'], 2, 'usage', 'No prompt given', /^Give one: agents-llm chat gpt-5 "Say hello"$/],
  ])('%j, and creates no key', async (args, exitCode, code, message, hint) => {
    const { fake, run, calls } = await withAnswer();
    const { stdout, code: exit } = await run(['chat', '--json', ...args]);
    expect(exit).toBe(exitCode);
    expect(JSON.parse(stdout).error).toMatchObject({ code, message, hint: expect.stringMatching(hint) });
    expect([fake.state.keys, calls()]).toEqual([[], []]);
  });

  test('rejects a virtual key without access to the model before calling the model', async () => {
    const { run, calls } = await withAnswer();
    await run(['env']);
    const { stdout, code } = await run(['chat', '--json', 'fast', 'hello']);
    expect(code).toBe(8);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'request_rejected',
      message: 'Virtual key "agents-service" is not allowed to use "fast"',
      hint: expect.stringContaining('provision-key --alias agents-service --models gpt-5,fast'),
    });
    expect(calls()).toEqual([]);
  });

  test('reports that there is no model', async () => {
    const { run } = await configureCli();
    const { stdout, code } = await run(['chat', '--json', 'Say hello']);
    expect(code).toBe(8);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'models_missing',
      message: 'The gateway has no models yet',
      hint: 'Add a provider key and a model: agents-llm setup',
    });
  });

  test('reports that there is no stack', async () => {
    const { run } = await configureCli();
    const { stderr, code } = await run(['chat', 'Say hello'], { LITELLM_BASE_URL: '', LITELLM_MASTER_KEY: '' });
    expect(code).toBe(10);
    expect(stderr).toMatch(/^error: No stack exists yet\nhint: Create it: agents-llm up\n/);
  });
});
