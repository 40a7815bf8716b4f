import { dollars } from '../../text/dollars.ts';
import type { AdminClient } from '../admin/client.ts';
import { type SpendLog, spendLogs } from './spend-logs.ts';

export interface Usage {
  readonly requests: number;
  readonly failed: number;
  readonly tokens: number;
  /** US dollars. */
  readonly spend: number;
}

const PAGE = 100;
/** LiteLLM writes its log in batches: on our own stack at most this long after the request. */
const LOG_DELAY_MS = 7500;
const POLL_MS = 500;
const CLOCK_SKEW_MS = 2000;

/** What a virtual key has used since a moment, once LiteLLM has written it down. */
export async function usageOfRun(client: AdminClient, keyHash: string, since: number): Promise<Usage> {
  const { clock } = client;
  const until = clock.now() + LOG_DELAY_MS;
  const before = await countSince(client, keyHash, since);
  let total = before;
  // A batch holds all requests that had ended by then, so the first one to come is also the last.
  while (total === before && clock.now() < until) {
    await clock.sleep(POLL_MS);
    total = await countSince(client, keyHash, since);
  }
  return total === 0 ? NONE : sum(client, keyHash, since);
}

const NONE: Usage = { requests: 0, failed: 0, tokens: 0, spend: 0 };

const queryOf = (client: AdminClient, keyHash: string, since: number) => ({
  from: since,
  to: client.clock.now() + CLOCK_SKEW_MS,
  keyHash,
});

async function countSince(client: AdminClient, keyHash: string, since: number): Promise<number> {
  return (await spendLogs(client, { ...queryOf(client, keyHash, since), page: 1, size: 1 })).total;
}

async function sum(client: AdminClient, keyHash: string, since: number): Promise<Usage> {
  let usage = NONE;
  for (let page = 1; ; page += 1) {
    const { rows, total } = await spendLogs(client, { ...queryOf(client, keyHash, since), page, size: PAGE });
    usage = rows.reduce(added, usage);
    if (rows.length === 0 || page * PAGE >= total) return usage;
  }
}

function added(usage: Usage, row: SpendLog): Usage {
  return {
    requests: usage.requests + 1,
    failed: usage.failed + (row.status === 'failure' || row.metadata?.status === 'failure' ? 1 : 0),
    tokens: usage.tokens + (row.total_tokens ?? 0),
    spend: usage.spend + (row.spend ?? 0),
  };
}

/** `12 requests (1 failed), 34,567 tokens, $0.0123`. Without requests LiteLLM may only be late. */
export function describeUsage({ requests, failed, tokens, spend }: Usage): string {
  if (requests === 0) return "No requests of this run are in LiteLLM's log";
  const count = `${requests} ${requests === 1 ? 'request' : 'requests'}`;
  const unsuccessful = failed > 0 ? ` (${failed} failed)` : '';
  return `${count}${unsuccessful}, ${tokens.toLocaleString('en-US')} tokens, ${dollars(spend)}`;
}
