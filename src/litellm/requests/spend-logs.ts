import * as z from 'zod/mini';
import { CliError } from '../../model/errors.ts';
import type { AdminClient } from '../admin/client.ts';

/** One request that went through the gateway, as LiteLLM logs it. Fields that versions differ in are optional. */
const SPEND_LOG = z.object({
  request_id: z.string(),
  call_type: z.nullish(z.string()),
  api_key: z.nullish(z.string()),
  spend: z.nullish(z.number()),
  total_tokens: z.nullish(z.number()),
  prompt_tokens: z.nullish(z.number()),
  completion_tokens: z.nullish(z.number()),
  startTime: z.string(),
  endTime: z.nullish(z.string()),
  model: z.nullish(z.string()),
  model_group: z.nullish(z.string()),
  status: z.nullish(z.string()),
  request_duration_ms: z.nullish(z.number()),
  request_tags: z.nullish(z.unknown()),
  metadata: z.nullish(z.record(z.string(), z.unknown())),
});

const SPEND_LOG_PAGE = z.object({
  data: z.array(SPEND_LOG),
  total: z.nullish(z.number()),
  total_pages: z.nullish(z.number()),
});

export type SpendLog = z.infer<typeof SPEND_LOG>;

export interface SpendLogQuery {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** SHA-256 of a virtual key. */
  readonly keyHash?: string | undefined;
  /** LiteLLM also gives keys whose name only contains it. */
  readonly keyAlias?: string | undefined;
  /** The alias that was called. */
  readonly model?: string | undefined;
  readonly failed?: boolean | undefined;
  readonly id?: string | undefined;
  /** The newest first by this; by their start when left out. */
  readonly sortBy?: 'endTime' | undefined;
  /** From 1. */
  readonly page: number;
  readonly size: number;
}

export interface SpendLogPage {
  /** The newest first. */
  readonly rows: readonly SpendLog[];
  /** Of all pages. */
  readonly total: number;
}

/** One page of LiteLLM's request log. Its rows hold whole answers of the price table, so pages are kept small. */
export async function spendLogs(client: AdminClient, query: SpendLogQuery): Promise<SpendLogPage> {
  try {
    return await onePage(client, query);
  } catch (error) {
    // LiteLLM 1.90 cannot count by the name of a key everywhere. Callers choose the rows by it anyway.
    const isRejected = error instanceof CliError && error.code === 'request_rejected';
    if (query.keyAlias === undefined || !isRejected) throw error;
    return onePage(client, { ...query, keyAlias: undefined });
  }
}

async function onePage(client: AdminClient, query: SpendLogQuery): Promise<SpendLogPage> {
  const parameters = new URLSearchParams({
    start_date: stamp(query.from),
    end_date: stamp(query.to),
    page: String(query.page),
    page_size: String(query.size),
    ...(query.keyHash === undefined ? {} : { api_key: query.keyHash }),
    ...(query.keyAlias === undefined ? {} : { key_alias: query.keyAlias }),
    ...(query.model === undefined ? {} : { model_group: query.model }),
    ...(query.failed ? { status_filter: 'failure' } : {}),
    ...(query.id === undefined ? {} : { request_id: query.id }),
    ...(query.sortBy === undefined ? {} : { sort_by: query.sortBy }),
  });
  const answer = await client.fetch(SPEND_LOG_PAGE, { method: 'GET', path: `/spend/logs/ui?${parameters}` });
  return { rows: answer.data, total: answer.total ?? answer.data.length };
}

/** `2026-11-28 13:05:00`, in UTC, as LiteLLM reads it. */
const stamp = (at: number) => new Date(at).toISOString().slice(0, 19).replace('T', ' ');
