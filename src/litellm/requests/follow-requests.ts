import type { AdminClient } from '../admin/client.ts';
import { CLOCK_SKEW_MS, isWanted, PAGE, type RequestFilter } from './list-requests.ts';
import { type LoggedRequest, loggedRequest } from './logged-request.ts';
import { type SpendLog, spendLogs } from './spend-logs.ts';

/** LiteLLM itself ends a request after 6000 s. */
const LONGEST_MS = 7_200_000;
/** LiteLLM writes its log in batches, so a request may appear this long after its end. */
const LATE_MS = 120_000;
const MOST_PAGES = 10;

export interface RequestFeed {
  /** What LiteLLM has logged since the last look, in the order in which it ended. */
  next(): Promise<readonly LoggedRequest[]>;
}

/**
 * Requests that are logged from now on, those too that began before. A row is written when its request has ended, so the
 * log is read by the end of its requests.
 */
export async function followRequests(client: AdminClient, filter: RequestFilter): Promise<RequestFeed> {
  const seen = new Map<string, number>();
  const next = async () => {
    const rows = await unseen(client, filter, seen);
    for (const row of rows) seen.set(row.request_id, endOf(row));
    const until = newest(seen, client.clock.now()) - LATE_MS;
    for (const [id, end] of seen) if (end < until) seen.delete(id);
    return rows
      .map(loggedRequest)
      .filter((row) => isWanted(row, filter))
      .reverse();
  };
  await next();
  return { next };
}

/** The newest first. A page on which nothing is new ends the search, because a batch holds all that had ended by then. */
async function unseen(client: AdminClient, filter: RequestFilter, seen: ReadonlyMap<string, number>) {
  const now = client.clock.now();
  const [from, to] = [now - LONGEST_MS, now + CLOCK_SKEW_MS];
  const until = newest(seen, now) - LATE_MS;
  const names = { keyAlias: filter.key, model: filter.model, failed: filter.failed };
  const found = new Map<string, SpendLog>();
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const { rows } = await spendLogs(client, { from, to, ...names, sortBy: 'endTime', page, size: PAGE });
    const late = rows.filter((row) => endOf(row) >= until);
    const fresh = late.filter(({ request_id }) => !seen.has(request_id));
    for (const row of fresh) found.set(row.request_id, row);
    if (fresh.length === 0 || late.length < PAGE) break;
  }
  return [...found.values()];
}

const endOf = ({ startTime, endTime }: SpendLog) => Date.parse(endTime ?? startTime);

/** Until something was seen, now. The clock of another machine may be ahead. */
const newest = (seen: ReadonlyMap<string, number>, now: number) =>
  seen.size === 0 ? now : Math.min(now, Math.max(...seen.values()));
