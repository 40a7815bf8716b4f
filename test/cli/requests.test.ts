import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { configureCli } from '../support/configure-cli.ts';
import { startBin } from '../support/run-bin.ts';

const FILE = new URL('../fixtures/contract/spend-logs-1.108.11.json', import.meta.url);
const recordedRows = () => JSON.parse(readFileSync(FILE, 'utf8')).data;

const row = (id: string, more: Record<string, unknown> = {}) => ({
  request_id: id,
  api_key: 'hash',
  startTime: new Date(Date.now() - 1000).toISOString(),
  model: 'openai/gpt-4o',
  model_group: 'gpt-5',
  status: 'success',
  prompt_tokens: 1000,
  completion_tokens: 234,
  total_tokens: 1234,
  spend: 0.05,
  request_duration_ms: 850,
  metadata: { status: 'success', user_api_key_alias: 'agents-service', user_agent: 'OpenAI/JS 6.1' },
  ...more,
});

async function withRows(...rows: ReturnType<typeof row>[]) {
  const cli = await configureCli();
  cli.fake.state.spendLogs.push(...rows);
  const pages = () => cli.fake.seen.filter(({ path }) => path === '/spend/logs/ui').map(({ query }) => query);
  return { ...cli, pages };
}

describe('requests', () => {
  test('shows each request with key, alias, target, figures and client, the newest last', async () => {
    const { run } = await withRows(row('two'), row('one'));
    const { code, stdout } = await run(['requests']);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^TIME +KEY +MODEL +STATUS +TOKENS +COST +LATENCY +CLIENT +ID$/);
    expect(lines[1]).toMatch(
      /agents-service +gpt-5 -> openai\/gpt-4o +success +1,234 +\$0\.0500 +850 ms +OpenAI\/JS 6\.1 +one$/,
    );
    expect(lines[2]).toMatch(/two$/);
  });

  test('without rows', async () => {
    const { run } = await withRows();
    expect(await run(['requests'])).toEqual({ code: 0, stdout: 'No requests\n', stderr: '' });
    expect(JSON.parse((await run(['requests', '--json'])).stdout).data).toEqual({ requests: [] });
  });

  test('reads only the pages it needs of a long log', async () => {
    const { run, pages } = await withRows(...Array.from({ length: 1000 }, (_, index) => row(`${index}`)));
    const { stdout } = await run(['requests', '-n', '5', '--json']);
    expect(JSON.parse(stdout).data.requests.map(({ id }: { id: string }) => id)).toEqual(['4', '3', '2', '1', '0']);
    expect(pages().map((query) => [query.get('page'), query.get('page_size')])).toEqual([['1', '5']]);
    expect(JSON.parse((await run(['requests', '-n', '250', '--json'])).stdout).data.requests).toHaveLength(250);
    expect(pages().slice(1)).toHaveLength(3);
  });

  test('filters by key, alias and failure, and accepts only exact names', async () => {
    const other = { metadata: { user_api_key_alias: 'agents-service-2', status: 'failure' }, status: 'failure' };
    const { run, pages } = await withRows(row('other', other), row('mine', { status: 'failure' }), row('good'));
    const args = ['--key', 'agents-service', '--model', 'gpt-5', '--failed', '--since', '1h', '--json'];
    const { stdout } = await run(['requests', ...args]);
    expect(JSON.parse(stdout).data.requests).toMatchObject([{ id: 'mine' }]);
    const query = pages()[0];
    const asked = ['key_alias', 'model_group', 'status_filter'].map((name) => query?.get(name));
    expect(asked).toEqual(['agents-service', 'gpt-5', 'failure']);
  });

  test('finds a key by its hash, and by its name only in rows older than the key', async () => {
    const created_at = new Date(Date.now() - 3_600_000).toISOString();
    const old = { startTime: new Date(Date.now() - 7_200_000).toISOString(), api_key: 'the key before it' };
    const { fake, run, pages } = await withRows(row('new', { api_key: 'token' }), row('old', old));
    const key = { raw: 'sk-1', token: 'token', key_alias: 'agents-service', expires: null, created_at };
    fake.state.keys.push(key as never);
    const ids = async (...args: string[]) => {
      const { stdout } = await run(['requests', '--key', 'agents-service', '--json', ...args]);
      return JSON.parse(stdout).data.requests.map(({ id }: { id: string }) => id);
    };
    const asked = () => pages().map((query) => [query.get('api_key'), query.get('key_alias')]);
    expect(await ids()).toEqual(['old', 'new']);
    expect(asked()).toEqual([
      ['token', null],
      [null, 'agents-service'],
    ]);
    expect(await ids('--since', '30m')).toEqual(['new']);
    expect(asked().slice(2)).toEqual([['token', null]]);
  });

  test('reads the rows of a key where LiteLLM cannot search by its name', async () => {
    const other = { metadata: { user_api_key_alias: 'other' } };
    const { fake, run } = await withRows(row('mine'), row('other', other));
    const message = 'Could not find field at `aggregateLiteLLM_SpendLogs.where.metadata.string_contains`';
    fake.faults.answer = ({ path, query }) =>
      path === '/spend/logs/ui' && query.has('key_alias')
        ? { status: 500, body: { error: { message, type: 'internal_error', param: 'None', code: '500' } } }
        : undefined;
    const { stdout } = await run(['requests', '--key', 'agents-service', '--json']);
    expect(JSON.parse(stdout).data.requests).toMatchObject([{ id: 'mine' }]);
  });

  test('does not let the name of a client move the cursor', async () => {
    const metadata = { user_agent: 'evil\u001b[2J\nclient', user_api_key_alias: 'k' };
    const { run } = await withRows(row('one', { metadata }));
    const { stdout } = await run(['requests']);
    expect(stdout).toContain('evil client');
    expect(stdout).not.toContain('\u001b');
  });

  test('accepts rows of another version with missing fields', async () => {
    const { request_id, api_key, startTime } = row('bare');
    const { run } = await withRows({ request_id, api_key, startTime } as never);
    const { stdout, code } = await run(['requests', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).data.requests).toMatchObject([
      { id: 'bare', key: null, model: null, cost: 0, client: null },
    ]);
  });

  test.each([
    ['UnsupportedParamsError', /does not support a parameter/, /alias add nodrop .* --provider openai --drop-params$/],
    ['AuthenticationError', /refused its key: Incorrect API key provided$/, /provider add bad /],
    ['RateLimitError', /over its rate limit or quota: Rate limit reached$/, /^Wait/],
    ['BudgetExceededError', /has spent its budget$/, /--max-budget DOLLARS$/],
    ['KeyNotFoundError', /^The gateway does not accept the virtual key$/, /agents-llm provision-key$/],
    ['ModelAccessDeniedProxyException', /is not allowed to use "gpt-5"$/, /--models MODELS,gpt-5$/],
  ])('explains why LiteLLM logged a %s', async (name, reason, hint) => {
    const found = recordedRows().find(
      ({ metadata }: { metadata: { error_information?: { error_class?: string } } }) =>
        metadata.error_information?.error_class === name,
    );
    const { run } = await withRows({ ...found, startTime: new Date(Date.now() - 1000).toISOString() });
    const { stdout } = await run(['requests', '--json']);
    expect(JSON.parse(stdout).data.requests).toMatchObject([
      { status: 'failure', client: 'node', reason: expect.stringMatching(reason), hint: expect.stringMatching(hint) },
    ]);
    expect((await run(['requests'])).stdout).toMatch(/\n {2}hint: /);
  });

  test('suggests commands for the requested project', async () => {
    const failed = { error_information: { error_class: 'BudgetExceededError' }, user_api_key_alias: 'k' };
    const { run } = await withRows(row('one', { status: 'failure', metadata: failed }));
    const hint = 'Raise its budget: agents-llm -p shop provision-key --alias k --max-budget DOLLARS';
    expect((await run(['-p', 'shop', 'requests'])).stdout).toContain(`  hint: ${hint}\n`);
    expect((await run(['-p', 'shop', 'requests', 'show', 'one'])).stdout).toContain(hint);
  });

  test('show prints one request with its error', async () => {
    const { run } = await withRows(row('two'), row('one'));
    expect((await run(['requests', 'show', 'one'])).stdout).toMatch(/^id +one\n[\s\S]*client +OpenAI\/JS 6\.1\n$/);
    const missing = await run(['requests', 'show', 'gone', '--json']);
    expect(missing.code).toBe(2);
    expect(JSON.parse(missing.stdout).error).toMatchObject({
      code: 'usage',
      message: 'Request "gone" is not in LiteLLM\'s log',
      hint: 'See the latest requests: agents-llm requests',
    });
  });

  test('-f follows until Ctrl-C', async () => {
    const { fake, env } = await withRows(row('first'));
    const running = startBin(['requests', '-f', '--json'], env);
    await running.prints('"id":"first"');
    fake.state.spendLogs.unshift(row('second', { startTime: new Date(Date.now() + 500).toISOString() }));
    await running.prints('"id":"second"');
    running.kill('SIGINT');
    const { code, stdout } = await running.result;
    const [first, second, end] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([code, first.id, second.id, end.error.code]).toEqual([130, 'first', 'second', 'interrupted']);
  });

  test('-f prints each request once, including those already running, but none logged before', async () => {
    const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
    const ended = (id: string, started: number, end: number) =>
      row(id, { startTime: ago(started), endTime: ago(end) } as never);
    const { fake, env } = await withRows(ended('last', 10, 5), ended('logged', 3000, 20));
    const running = startBin(['requests', '-f', '-n', '1', '--json'], env);
    await running.prints('"id":"last"');
    fake.state.spendLogs.push(ended('long', 3600, 3), ended('late', 60, 50), ended('second', 2, 1));
    await running.prints('"id":"second"');
    fake.state.spendLogs.push(ended('third', 1, 0));
    await running.prints('"id":"third"');
    running.kill('SIGINT');
    const lines = (await running.result).stdout.trim().split('\n').slice(0, -1);
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(['last', 'late', 'long', 'second', 'third']);
  });

  test.each([
    [['-n', '0'], /whole number from 1 to 9999/],
    [['--since', 'yesterday'], /A time is a duration/],
  ])('refuses %j', async (args, message) => {
    const { run } = await withRows();
    const { code, stderr } = await run(['requests', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});
