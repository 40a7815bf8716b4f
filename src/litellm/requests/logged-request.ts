import * as z from 'zod/mini';
import { oneLine } from '../../text/shown-text.ts';
import { failureReason } from './call-failure.ts';
import type { SpendLog } from './spend-logs.ts';

/** One request of LiteLLM's log, fit to be shown. */
export interface LoggedRequest {
  readonly id: string;
  /** RFC 3339. */
  readonly time: string;
  /** The name of the virtual key. */
  readonly key: string | null;
  /** The alias that was called. */
  readonly model: string | null;
  readonly target: string | null;
  readonly status: 'success' | 'failure';
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly totalTokens: number;
  /** US dollars. */
  readonly cost: number;
  readonly latencyMs: number | null;
  readonly client: string | null;
  readonly reason: string | null;
  readonly hint: string | null;
}

const ERROR = z.object({
  error_code: z.nullish(z.union([z.string(), z.number()])),
  error_class: z.nullish(z.string()),
  error_message: z.nullish(z.string()),
});

/** Versions differ in what they log, so each field may be missing. */
export function loggedRequest(row: SpendLog): LoggedRequest {
  const isFailure = row.status === 'failure' || row.metadata?.status === 'failure';
  const key = nameOf(row.metadata?.user_api_key_alias);
  const target = nameOf(row.model);
  const model = nameOf(row.model_group) ?? target;
  const failure = isFailure ? reasonOf(row, { model: model ?? 'unknown', target, key }) : undefined;
  return {
    id: oneLine(row.request_id, 200),
    time: oneLine(row.startTime, 40),
    key,
    model,
    target,
    status: isFailure ? 'failure' : 'success',
    promptTokens: row.prompt_tokens ?? 0,
    completionTokens: row.completion_tokens ?? 0,
    totalTokens: row.total_tokens ?? 0,
    cost: row.spend ?? 0,
    latencyMs: latencyOf(row, isFailure),
    client: nameOf(row.metadata?.user_agent) ?? tagged(row, 'User-Agent'),
    reason: failure?.reason ?? null,
    hint: failure?.hint ?? null,
  };
}

interface Names {
  readonly model: string;
  readonly target: string | null;
  readonly key: string | null;
}

function reasonOf(row: SpendLog, { model, target, key }: Names) {
  const parsed = z.safeParse(ERROR, row.metadata?.error_information);
  const { error_code, error_class, error_message } = parsed.success ? parsed.data : {};
  const status = Number(error_code ?? Number.NaN);
  return failureReason(
    {
      status: Number.isFinite(status) ? status : undefined,
      kind: error_class ?? undefined,
      message: error_message ?? '',
      hasBegun: (row.completion_tokens ?? 0) > 0,
    },
    {
      model,
      target: target ?? undefined,
      credential: tagged(row, 'Credential') ?? undefined,
      keyAlias: key ?? undefined,
    },
  );
}

function nameOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? oneLine(value, 200).trim() : null;
}

/** LiteLLM tags requests with texts such as `User-Agent: node` and `Credential: openai`. */
function tagged({ request_tags: tags }: SpendLog, name: string): string | null {
  if (!Array.isArray(tags)) return null;
  const found = tags.find((tag): tag is string => typeof tag === 'string' && tag.startsWith(`${name}: `));
  return nameOf(found?.slice(name.length + 2));
}

/** LiteLLM 1.90 logs every failure with its end as its start. */
function latencyOf({ request_duration_ms: known, startTime, endTime }: SpendLog, isFailure: boolean): number | null {
  if (isFailure && startTime === endTime) return null;
  const ms = known ?? Date.parse(endTime ?? '') - Date.parse(startTime);
  return Number.isFinite(ms) && ms >= 0 ? Math.round(ms) : null;
}
