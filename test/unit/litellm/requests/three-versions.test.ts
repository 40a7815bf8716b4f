import { describe, expect, onTestFinished, test } from 'vitest';
import { chat } from '../../../../src/litellm/requests/chat.ts';
import { dailySpend } from '../../../../src/litellm/requests/daily-spend.ts';
import { latestRequests } from '../../../../src/litellm/requests/list-requests.ts';
import { CliError } from '../../../../src/model/errors.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { clientOf } from '../../../support/admin-client.ts';
import { startFakeLitellm } from '../../../support/fake-litellm.ts';
import { RECORDED_VERSIONS, recordedChat, recording } from '../../../support/recorded-chat.ts';

async function litellm() {
  const fake = await startFakeLitellm();
  onTestFinished(() => fake.close());
  const params = { model: 'openai/gpt-4o', litellm_credential_name: 'work' };
  fake.state.models.push({ id: '1', name: 'gpt-5', params, live: true });
  return fake;
}

/** What each failure is called, whichever version tells it. */
const FAILURES: readonly (readonly [label: string, code: string, reason: RegExp, hint: RegExp])[] = [
  [
    'budget spent',
    'budget_spent',
    /^Virtual key ".+" has spent its budget$/,
    /^Raise its budget: .* --max-budget DOLLARS$/,
  ],
  ['key expired', 'key_refused', /^Virtual key ".+" has expired$/, /^Create a new one: /],
  [
    'model not allowed',
    'request_rejected',
    /^Virtual key ".+" is not allowed to use "gpt-5"$/,
    /^Allow it: .* --models (MODELS|m429),gpt-5$/,
  ],
  ['model unknown', 'models_missing', /^LiteLLM has no model /, /alias (add|list)/],
  ['wrong key', 'key_refused', /^The gateway does not accept the virtual key$/, /provision-key/],
  ['rate limit', 'provider_failed', /^".+" is over its rate limit or quota: Rate limit reached$/, /^Wait a minute/],
  ['server error', 'provider_failed', /^The provider of ".+" failed: The server had an error$/, /provider test /],
  [
    'bad request',
    'provider_failed',
    /^".+" does not support a parameter of the request: Unsupported parameter$/,
    /--drop-params$/,
  ],
  [
    'provider key refused',
    'provider_failed',
    /^The provider of ".+" refused its key: Incorrect API key provided$/,
    /provider add /,
  ],
  [
    'provider down',
    'provider_failed',
    /^The provider of ".+" cannot be reached: Connection error$/,
    /doctor --online$/,
  ],
  [
    'unsupported parameter',
    'provider_failed',
    /^".+" does not support a parameter .*\['reasoning_effort'\], for model=gpt-4o$/,
    /--drop-params$/,
  ],
];

describe.each(RECORDED_VERSIONS)('chat with LiteLLM %s', (version) => {
  async function asked(label: string, stream: boolean) {
    const fake = await litellm();
    fake.faults.answer = ({ path }) => (path === '/v1/chat/completions' ? recordedChat(label, version) : undefined);
    const wish = { model: 'gpt-5', prompt: 'ping', key: new Secret('sk-1'), keyAlias: 'mine', timeoutMs: 10_000 };
    return chat(clientOf(fake), { ...wish, ...(stream ? { onText: () => {} } : {}) });
  }

  test('answers at once and in a stream', async () => {
    expect(await asked('answer', false)).toMatchObject({ text: 'pong', usage: { totalTokens: 2 } });
    expect(await asked('stream', true)).toMatchObject({ text: 'pong', usage: { totalTokens: 2 } });
  });

  test.each(FAILURES)('%s', async (label, code, reason, hint) => {
    const error = await asked(label, true).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(CliError);
    expect([error.code, error.message, error.hint]).toEqual([
      code,
      expect.stringMatching(reason),
      expect.stringMatching(hint),
    ]);
  });

  test('reports a stream that ends early', async () => {
    const answer = asked('broken stream', true);
    // This version ends it as if it were whole, so that only the missing text is left to tell of.
    if (version === '1.90.2') expect(await answer).toMatchObject({ text: '' });
    else await expect(answer).rejects.toMatchObject({ message: expect.stringMatching(/ broke off before its end$/) });
  });
});

/** The error message of LiteLLM by which a row is found, for each of the failures. */
const LOGGED: Readonly<Record<string, RegExp>> = {
  'budget spent': /Budget has been exceeded/,
  'key expired': /Expired Key/,
  'model not allowed': /not available for this API key|can only access models/,
  'model unknown': /Invalid model name/,
  'wrong key': /Invalid proxy server token|Authentication Error, Invalid API key/,
  'rate limit': /RateLimitError/,
  'server error': /The server had an error/,
  'bad request': /Unsupported parameter\./,
  'provider key refused': /Incorrect API key/,
  'provider down': /Connection error/,
  'unsupported parameter': /reasoning_effort/,
};

describe.each(RECORDED_VERSIONS)('the request log of LiteLLM %s', (version) => {
  const rows = () => {
    const { data } = recording('spend-logs', version);
    const now = new Date().toISOString();
    return data.map(({ endTime, startTime, ...row }: { endTime: string; startTime: string }) => ({
      ...row,
      startTime: now,
      endTime: endTime === startTime ? now : new Date(Date.parse(now) + 1).toISOString(),
    }));
  };
  type Row = ReturnType<typeof rows>[number];
  async function listed(choose: (row: Row) => boolean) {
    const fake = await litellm();
    fake.state.spendLogs.push(...rows().filter(choose));
    return latestRequests(clientOf(fake), {}, Date.now() - 60_000, 100);
  }

  test.each(FAILURES)('%s', async (label, _code, reason, hint) => {
    const ofLabel = ({ metadata }: Row) =>
      LOGGED[label]?.test(metadata.error_information?.error_message ?? '') ?? false;
    const [first] = await listed(ofLabel);
    expect(first).toMatchObject({
      status: 'failure',
      reason: expect.stringMatching(reason),
      hint: expect.stringMatching(hint),
    });
    // No row of 1.90.2 tells how long a failure took, or who had asked.
    expect(first?.latencyMs === null).toBe(version === '1.90.2');
  });

  test('shows key, alias, target, figures and client of a successful request', async () => {
    const [first] = await listed(({ status }: Row) => status === 'success' || status === null);
    expect(first).toMatchObject({
      status: 'success',
      model: 'gpt-5',
      target: 'openai/gpt-4o',
      reason: null,
      hint: null,
    });
    expect(first).toMatchObject({ key: expect.any(String), client: expect.any(String), latencyMs: expect.any(Number) });
    expect(first?.totalTokens).toBeGreaterThan(0);
    expect(first?.cost).toBeGreaterThan(0);
  });
});

describe.each(RECORDED_VERSIONS)('the daily totals of LiteLLM %s', (version) => {
  test.each(['key', 'model', 'day'] as const)('are grouped by %s', async (by) => {
    const fake = await litellm();
    const recorded = recording('daily-activity', version);
    fake.state.dailyActivity = [recorded];
    const { rows, total } = await dailySpend(clientOf(fake), by, Date.now());
    const { total_api_requests, total_failed_requests, total_tokens, total_spend } = recorded.metadata;
    expect(total).toMatchObject({
      requests: total_api_requests,
      failed: total_failed_requests,
      totalTokens: total_tokens,
      cost: expect.closeTo(total_spend),
    });
    const named = rows.map(({ name }) => name).filter((name) => name !== null);
    expect(named.length).toBeGreaterThan(0);
    expect(rows.reduce((sum, row) => sum + row.cost, 0)).toBeCloseTo(total_spend);
  });
});
