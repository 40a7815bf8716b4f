import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { configureCli } from '../support/configure-cli.ts';

const FILE = new URL('../fixtures/contract/daily-activity-1.108.11.json', import.meta.url);
const recorded = () => JSON.parse(readFileSync(FILE, 'utf8'));
/** The recorded day with another date. */
const dayOf = (date: string) => ({ ...recorded().results[0], date });

async function withPages(...pages: unknown[]) {
  const cli = await configureCli();
  cli.fake.state.dailyActivity = pages;
  const queries = () => cli.fake.seen.filter(({ path }) => path === '/user/daily/activity').map(({ query }) => query);
  const data = async (...args: string[]) => JSON.parse((await cli.run(['spend', ...args, '--json'])).stdout).data;
  return { ...cli, queries, data };
}

describe('spend', () => {
  test('prints a line for each model, the most expensive first, and a total', async () => {
    const { run } = await withPages(recorded());
    const { code, stdout } = await run(['spend']);
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^MODEL +REQUESTS +FAILED +TOKENS +COST$/);
    expect(lines[1]).toMatch(/^gpt-5 +2 +0 +\d+ +\$0\.0000\d\d$/);
    expect(lines[2]).toMatch(/^fast +2 +1 +\d+ +\$0\.0000\d\d$/);
    expect(lines[3]).toMatch(/^total +4 +1 +41 +\$0\.000089$/);
    expect(lines[5]).toMatch(/^Days are in UTC: from \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d$/);
  });

  test('names virtual keys by their alias and omits the names of deleted keys', async () => {
    const day = recorded();
    const [first] = Object.values<{ metadata: { key_alias: string | null } }>(day.results[0].breakdown.api_keys);
    if (first) first.metadata.key_alias = null;
    const { data, run } = await withPages(day);
    const names = (await data('--by', 'key')).rows.map(({ name }: { name: string | null }) => name);
    expect(names.sort()).toEqual(['agents-service', null]);
    expect((await run(['spend', '--by', 'key'])).stdout).toMatch(/^- +3 +1 /m);
  });

  test('adds up several pages of LiteLLM and sorts the days', async () => {
    const { data, queries } = await withPages(
      { results: [dayOf('2026-11-28'), dayOf('2026-11-27')], metadata: { has_more: true } },
      { results: [dayOf('2026-11-27')], metadata: { has_more: false } },
    );
    const { rows, total } = await data('--by', 'day');
    expect(rows).toMatchObject([
      { name: '2026-11-27', requests: 8, failed: 2 },
      { name: '2026-11-28', requests: 4, failed: 1 },
    ]);
    expect(total).toMatchObject({ requests: 12, failed: 3, totalTokens: 123 });
    expect(queries().map((query) => query.get('page'))).toEqual(['1', '2']);
  });

  test.each([
    ['7d', 7],
    ['30d', 30],
  ])('requests the days since %s', async (since, days) => {
    const { data, queries } = await withPages({ results: [], metadata: {} });
    const before = Date.now();
    const { from, to, rows, total } = await data('--since', since);
    const dayAt = (ago: number) => new Date(before - ago * 86_400_000).toISOString().slice(0, 10);
    expect([from, to, rows, total.cost]).toEqual([dayAt(days), dayAt(0), [], 0]);
    expect(queries().map((query) => [query.get('start_date'), query.get('end_date')])).toEqual([[from, to]]);
  });

  test('without requests', async () => {
    const { run } = await withPages({ results: [], metadata: {} });
    expect((await run(['spend', '--since', '2026-11-01'])).stdout).toMatch(/^No requests from 2026-11-01 to /);
  });

  test.each(['1h', '2026-13-01', 'yesterday'])('refuses --since %s', async (since) => {
    const { run, queries } = await withPages();
    const { code, stderr } = await run(['spend', '--since', since]);
    expect(code).toBe(2);
    expect(stderr).toContain('Spend is counted by whole days (UTC): 7d or 2026-01-31');
    expect(queries()).toEqual([]);
  });

  test('prints the names of a hostile gateway as plain text', async () => {
    const day = dayOf('2026-11-28');
    day.breakdown.model_groups = { 'evil\u001b[2J\nname': day.breakdown.model_groups['gpt-5'] };
    const { run } = await withPages({ results: [day] });
    const { stdout } = await run(['spend']);
    expect(stdout).toContain('evil name');
    expect(stdout).not.toContain('\u001b');
  });

  test('accepts days of another version with missing fields', async () => {
    const { data } = await withPages({ results: [{ date: '2026-11-28', metrics: { spend: 0.5 }, breakdown: {} }] });
    expect(await data('--by', 'day')).toMatchObject({ rows: [{ name: '2026-11-28', requests: 0, cost: 0.5 }] });
    expect((await data('--by', 'key')).rows).toEqual([]);
  });
});
