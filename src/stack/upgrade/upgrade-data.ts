import type { Operation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import { PROXY } from '../../model/service.ts';
import type { RollbackPlan } from '../../project/state.ts';
import { describeLoss, findLosses } from '../data/data-losses.ts';
import { parseRows, READ_ROWS } from '../data/data-rows.ts';
import type { MadeStack } from '../open/made-stack.ts';
import { withDatabase } from '../startup/start-database.ts';
import { startStack } from '../startup/start-stack.ts';
import { compareData } from '../verify/compare-data.ts';
import { upgradeFailure } from './upgrade-failure.ts';

/** Starts the new image and returns its version. If that fails, the error names the command that rolls back. */
export async function upgradeOrExplain(
  invocation: Operation,
  stack: MadeStack,
  { deadline, rollback }: { readonly deadline: number; readonly rollback: RollbackPlan },
): Promise<string | null> {
  try {
    return await upgradeData(invocation, stack, deadline);
  } catch (cause) {
    if (!(cause instanceof CliError) || invocation.context.signal.aborted) throw cause;
    throw upgradeFailure(cause, stack.spec, rollback);
  }
}

/** Verifies that no row was lost and that all can be read. */
async function upgradeData(invocation: Operation, stack: MadeStack, deadline: number): Promise<string | null> {
  const { runtime, spec, secrets, client } = stack;
  const read = async () => parseRows(await runtime.database.sql(READ_ROWS));
  const before = await withDatabase(invocation, runtime, spec, read);
  const { version } = await startStack(invocation, runtime, { spec, secrets, recreate: [PROXY], deadline });
  invocation.progress.phase('Verifying data');
  const { rows, unreadable } = await compareData(invocation, runtime, client);
  // A migration may change a row; it must not take one away.
  const lost = findLosses(before, rows).filter(({ what }) => what === 'lost');
  const losses = [...lost, ...unreadable];
  if (losses.length === 0) return version;
  throw new CliError('data_lost', describeLoss(losses), { details: { losses } });
}
