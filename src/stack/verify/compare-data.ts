import type { Workplace } from '../../context/invocation.ts';
import type { AdminClient } from '../../litellm/admin/client.ts';
import { readShownData } from '../../litellm/admin/shown-data.ts';
import { ownKeptKeys } from '../../litellm/keys/kept-keys.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { type DataLoss, findMissing, findUnreadable } from '../data/data-losses.ts';
import { type DataRows, parseRows, READ_ROWS } from '../data/data-rows.ts';
import { type EndedKey, sortKeptKeys } from './sort-kept-keys.ts';

/** LiteLLM loads its models gradually after a start. */
const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 500;

export interface DataComparison {
  readonly rows: DataRows;
  /** What the database contains but LiteLLM cannot read. */
  readonly unreadable: readonly DataLoss[];
  /** What the database no longer contains. */
  readonly missing: readonly DataLoss[];
  readonly endedKeys: readonly EndedKey[];
}

/** Compares the rows with what LiteLLM shows, until it can read them all or time is up. */
export async function compareData(
  invocation: Workplace,
  runtime: Runtime,
  client: AdminClient,
): Promise<DataComparison> {
  const { clock, signal } = invocation.context;
  const kept = await ownKeptKeys(invocation, client.target.url).list();
  const until = clock.now() + PATIENCE_MS;
  let first: Pick<DataComparison, 'missing' | 'endedKeys'> | undefined;
  for (;;) {
    const [text, shown] = await Promise.all([runtime.database.sql(READ_ROWS), readShownData(client)]);
    const rows = parseRows(text);
    const unreadable = findUnreadable(rows, shown);
    // Only compared the first time, because LiteLLM gradually drops what is missing.
    if (!first) {
      const { wanted, ended } = await sortKeptKeys(runtime.database, rows, kept, invocation.settings.project);
      first = { missing: findMissing(rows, shown, wanted), endedKeys: ended };
    }
    if (unreadable.length === 0 || clock.now() >= until) return { rows, unreadable, ...first };
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}
