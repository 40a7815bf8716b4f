import * as z from 'zod/mini';
import { oneLine } from '../../text/shown-text.ts';
import type { AdminClient } from '../admin/client.ts';

export const SPEND_BY = ['key', 'model', 'day'] as const;
export type SpendBy = (typeof SPEND_BY)[number];

export interface SpendFigures {
  readonly requests: number;
  readonly failed: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly totalTokens: number;
  /** US dollars. */
  readonly cost: number;
}

/** `name` is a virtual key, an alias or a day (YYYY-MM-DD, UTC); null when LiteLLM does not know it. */
export type SpendRow = SpendFigures & { readonly name: string | null };

export interface DailySpend {
  readonly by: SpendBy;
  /** The first and the last day, UTC. */
  readonly from: string;
  readonly to: string;
  /** The dearest first; days in their order. */
  readonly rows: readonly SpendRow[];
  readonly total: SpendFigures;
}

const count = z.catch(z.number(), 0);
const METRICS = z.object({
  spend: count,
  api_requests: count,
  failed_requests: count,
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
});
const PART = z.object({ metrics: METRICS, metadata: z.nullish(z.object({ key_alias: z.nullish(z.string()) })) });
const DAY = z.object({
  date: z.string(),
  metrics: METRICS,
  breakdown: z.object({
    model_groups: z.catch(z.record(z.string(), PART), {}),
    api_keys: z.catch(z.record(z.string(), PART), {}),
  }),
});
const PAGE = z.object({
  results: z.array(DAY),
  metadata: z.nullish(z.object({ has_more: z.nullish(z.boolean()) })),
});
type Day = z.infer<typeof DAY>;

const PAGE_SIZE = 1000;
const MOST_PAGES = 1000;
const NOTHING: SpendFigures = {
  requests: 0,
  failed: 0,
  promptTokens: 0,
  completionTokens: 0,
  totalTokens: 0,
  cost: 0,
};

/** Spend since the day of a moment (milliseconds since 1970), from LiteLLM's sums of whole days, read page by page. */
export async function dailySpend(client: AdminClient, by: SpendBy, since: number): Promise<DailySpend> {
  const [from, to] = [dayOf(since), dayOf(client.clock.now())];
  const rows = new Map<string, SpendRow>();
  let total = NOTHING;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const query = new URLSearchParams({ start_date: from, end_date: to, page: `${page}`, page_size: `${PAGE_SIZE}` });
    const { results, metadata } = await client.fetch(PAGE, { method: 'GET', path: `/user/daily/activity?${query}` });
    for (const day of results) {
      total = sum(total, figuresOf(day.metrics));
      for (const { id, ...row } of PARTS[by](day)) {
        rows.set(id, { name: row.name, ...sum(rows.get(id) ?? NOTHING, row) });
      }
    }
    if (!metadata?.has_more) break;
  }
  return { by, from, to, rows: [...rows.values()].sort(by === 'day' ? byName : byCost), total };
}

const PARTS: Readonly<Record<SpendBy, (day: Day) => readonly (SpendRow & { readonly id: string })[]>> = {
  day: ({ date, metrics }) => [{ id: date, name: oneLine(date, 40), ...figuresOf(metrics) }],
  model: ({ breakdown }) =>
    Object.entries(breakdown.model_groups).map(([id, { metrics }]) => ({
      id,
      name: nameOf(id),
      ...figuresOf(metrics),
    })),
  key: ({ breakdown }) =>
    Object.entries(breakdown.api_keys).map(([id, { metrics, metadata }]) => ({
      id,
      name: nameOf(metadata?.key_alias ?? ''),
      ...figuresOf(metrics),
    })),
};

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);
const nameOf = (name: string) => oneLine(name, 200).trim() || null;

function figuresOf(metrics: z.infer<typeof METRICS>): SpendFigures {
  return {
    requests: metrics.api_requests,
    failed: metrics.failed_requests,
    promptTokens: metrics.prompt_tokens,
    completionTokens: metrics.completion_tokens,
    totalTokens: metrics.total_tokens,
    cost: metrics.spend,
  };
}

function sum(one: SpendFigures, other: SpendFigures): SpendFigures {
  return {
    requests: one.requests + other.requests,
    failed: one.failed + other.failed,
    promptTokens: one.promptTokens + other.promptTokens,
    completionTokens: one.completionTokens + other.completionTokens,
    totalTokens: one.totalTokens + other.totalTokens,
    cost: one.cost + other.cost,
  };
}

const byCost = (one: SpendRow, other: SpendRow) => other.cost - one.cost || other.requests - one.requests;
const byName = (one: SpendRow, other: SpendRow) => ((one.name ?? '') < (other.name ?? '') ? -1 : 1);
