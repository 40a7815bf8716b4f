import type { AdminClient } from '../admin/client.ts';
import { readShownData } from '../admin/shown-data.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type DataLoss, findUnreadable } from '../stack/data-losses.ts';
import { type DataRows, parseRows, READ_ROWS } from '../stack/data-rows.ts';
import type { Invocation } from './invocation.ts';

/** After a start the proxy reads its models bit by bit. */
const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 500;

export interface DataLook {
  readonly rows: DataRows;
  /** What the database holds and the proxy cannot read. */
  readonly unreadable: readonly DataLoss[];
}

export async function readRows(runtime: Runtime): Promise<DataRows> {
  return parseRows(await runtime.database.sql(READ_ROWS));
}

/** Rows and what the proxy shows of them, looked at until they agree or patience is at its end. */
export async function lookAtData(
  { context: { clock, signal } }: Pick<Invocation, 'context'>,
  runtime: Runtime,
  client: AdminClient,
): Promise<DataLook> {
  const until = clock.now() + PATIENCE_MS;
  for (;;) {
    const [rows, shown] = await Promise.all([readRows(runtime), readShownData(client)]);
    const unreadable = findUnreadable(rows, shown);
    if (unreadable.length === 0 || clock.now() >= until) return { rows, unreadable };
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}
