import { describe, expect, onTestFinished, test } from 'vitest';
import { describeUsage, usageOfRun } from '../../../../src/litellm/requests/usage-of-run.ts';
import { clientOf } from '../../../support/admin-client.ts';
import { startFakeLitellm } from '../../../support/fake-litellm.ts';

const SINCE = Date.now();
const row = (index: number, fields: Record<string, unknown> = {}) => ({
  request_id: `request-${index}`,
  api_key: 'hash',
  startTime: new Date(SINCE + 1000).toISOString(),
  total_tokens: 10,
  spend: 0.01,
  ...fields,
});

async function litellm() {
  const fake = await startFakeLitellm();
  onTestFinished(() => fake.close());
  return fake;
}

describe('the usage of a run', () => {
  test('covers only its own key since the start of the run, over all pages', async () => {
    const fake = await litellm();
    let looks = 0;
    fake.faults.before = () => {
      looks += 1;
      if (looks !== 3) return;
      const others = [row(-1, { api_key: 'another' }), row(-2, { startTime: '2026-01-01T00:00:00Z' })];
      fake.state.spendLogs.push(...Array.from({ length: 150 }, (_, index) => row(index)), ...others);
      Object.assign(fake.state.spendLogs[0] ?? {}, { status: 'failure', total_tokens: null, spend: null });
    };
    const usage = await usageOfRun(clientOf(fake), 'hash', SINCE);
    expect(usage).toEqual({ requests: 150, failed: 1, tokens: 1490, spend: expect.closeTo(1.49) });
  });

  test('is zero when LiteLLM logs nothing', async () => {
    const fake = await litellm();
    const clock = clientOf(fake).clock;
    const began = clock.now();
    const client = clientOf(fake);
    expect(await usageOfRun(client, 'hash', SINCE)).toEqual({ requests: 0, failed: 0, tokens: 0, spend: 0 });
    expect(client.clock.now() - began).toBeGreaterThan(6000);
  });
});

test.each([
  [{ requests: 0, failed: 0, tokens: 0, spend: 0 }, "No requests of this run are in LiteLLM's log"],
  [{ requests: 1, failed: 0, tokens: 1234, spend: 0.0042 }, '1 request, 1,234 tokens, $0.004200'],
  [{ requests: 12, failed: 3, tokens: 5, spend: 1.5 }, '12 requests (3 failed), 5 tokens, $1.5000'],
])('describes %j as %s', (usage, text) => {
  expect(describeUsage(usage)).toBe(text);
});
