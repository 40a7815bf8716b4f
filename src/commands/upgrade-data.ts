import { CliError } from '../errors.ts';
import { PROXY } from '../service.ts';
import { findLosses } from '../stack/data-losses.ts';
import { parseRows, READ_ROWS } from '../stack/data-rows.ts';
import { lookAtData } from './check-data.ts';
import type { Invocation } from './invocation.ts';
import type { MadeStack } from './require-ready.ts';
import { startStack } from './start-stack.ts';
import { withDatabase } from './with-database.ts';

/** Starts what the stack is to be and sees to it that no row was lost and all can be read; gives LiteLLM's version. */
export async function upgradeData(invocation: Invocation, stack: MadeStack, deadline: number): Promise<string | null> {
  const { runtime, spec, secrets, client } = stack;
  const read = async () => parseRows(await runtime.database.sql(READ_ROWS));
  const before = await withDatabase(invocation, runtime, spec, read);
  const { version } = await startStack(invocation, runtime, { spec, secrets, recreate: [PROXY], deadline });
  invocation.progress.phase('looking whether all of the data is there');
  const { rows, unreadable } = await lookAtData(invocation, runtime, client);
  // A migration may change a row; it must not take one away.
  const lost = findLosses(before, rows).filter(({ what }) => what === 'lost');
  const losses = [...lost, ...unreadable];
  const [first] = losses;
  if (!first) return version;
  throw new CliError('data_lost', `${first.kind} ${first.name}: ${first.why} (${losses.length} in all)`, {
    details: { losses },
  });
}
