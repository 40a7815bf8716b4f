import { CliError } from '../../model/errors.ts';
import type { AdminClient } from '../admin/client.ts';
import { findKeys } from '../admin/keys.ts';
import { type LoggedRequest, loggedRequest } from './logged-request.ts';
import { type SpendLogQuery, spendLogs } from './spend-logs.ts';

export interface RequestFilter {
  /** The name of a virtual key. */
  readonly key?: string | undefined;
  /** An alias. */
  readonly model?: string | undefined;
  readonly failed?: boolean | undefined;
}

/** LiteLLM's rows hold a part of its price table, about 10 kB each. */
export const PAGE = 100;
const MOST_PAGES = 50;
export const CLOCK_SKEW_MS = 60_000;

/** The newest requests since a moment (milliseconds since 1970), at most so many, the oldest first; read page by page. */
export async function latestRequests(
  client: AdminClient,
  filter: RequestFilter,
  since: number,
  count: number,
): Promise<readonly LoggedRequest[]> {
  const found = new Map<string, LoggedRequest>();
  const to = client.clock.now() + CLOCK_SKEW_MS;
  for (const part of await partsOf(client, filter.key, { from: since, to })) {
    for (const row of await search(client, filter, part, count - found.size)) found.set(row.id, row);
  }
  return [...found.values()].slice(0, count).reverse();
}

type Part = Pick<SpendLogQuery, 'from' | 'to' | 'keyHash' | 'keyAlias'>;

/**
 * LiteLLM has an index of its log by the hash of a key and none by its name, so only what is older than the key, of others
 * that had its name before, is looked for by that.
 */
async function partsOf(
  client: AdminClient,
  key: string | undefined,
  whole: Pick<Part, 'from' | 'to'>,
): Promise<readonly Part[]> {
  if (key === undefined) return [whole];
  const [row, ...others] = await findKeys(client, key);
  const created = Date.parse(row?.created_at ?? '');
  if (!row || others.length > 0 || Number.isNaN(created)) return [{ ...whole, keyAlias: key }];
  const ofKey = { ...whole, keyHash: row.token };
  return created <= whole.from ? [ofKey] : [ofKey, { from: whole.from, to: created, keyAlias: key }];
}

/** At least so many of one part, if it has them. */
async function search(client: AdminClient, filter: RequestFilter, part: Part, count: number) {
  const found = new Map<string, LoggedRequest>();
  const size = Math.min(PAGE, count);
  for (let page = 1; page <= MOST_PAGES && found.size < count; page += 1) {
    const query = { ...part, model: filter.model, failed: filter.failed, page, size };
    const { rows, total } = await spendLogs(client, query);
    for (const row of rows.map(loggedRequest)) if (isWanted(row, filter)) found.set(row.id, row);
    if (rows.length === 0 || page * size >= total) break;
  }
  return found.values();
}

/** LiteLLM's filters are looser than ours, and older versions know fewer. */
export function isWanted(row: LoggedRequest, { key, model, failed }: RequestFilter): boolean {
  if (key !== undefined && row.key !== key) return false;
  if (model !== undefined && row.model !== model) return false;
  return !failed || row.status === 'failure';
}

const BEGINNING = Date.UTC(2020, 0, 1);

export async function oneRequest(client: AdminClient, id: string): Promise<LoggedRequest> {
  const to = client.clock.now() + CLOCK_SKEW_MS;
  const { rows } = await spendLogs(client, { from: BEGINNING, to, page: 1, size: 1, id });
  const row = rows.find(({ request_id }) => request_id === id);
  if (row) return loggedRequest(row);
  throw new CliError('usage', `Request "${id}" is not in LiteLLM's log`, {
    hint: 'See the latest requests: agents-llm requests',
    details: { id },
  });
}
