import { CliError } from '../errors.ts';
import { PROXY } from '../service.ts';
import { commandLine } from '../settings.ts';
import { findLosses } from '../stack/data-losses.ts';
import { parseRows, READ_ROWS } from '../stack/data-rows.ts';
import { lookAtData } from './check-data.ts';
import type { Invocation } from './invocation.ts';
import type { MadeStack } from './require-ready.ts';
import { startStack } from './start-stack.ts';
import { withDatabase } from './with-database.ts';

export interface UpgradeWay {
  /** The image of before. */
  readonly before: string;
  /** The archive of before; null when none was made. */
  readonly backup: string | null;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** Starts the new image and gives its version; when that does not end well, the error names the one command that goes back. */
export async function upgradeOrSayBack(
  invocation: Invocation,
  stack: MadeStack,
  { before, backup, deadline }: UpgradeWay,
): Promise<string | null> {
  try {
    return await upgradeData(invocation, stack, deadline);
  } catch (cause) {
    if (!(cause instanceof CliError) || invocation.context.signal.aborted) throw cause;
    const { project, image } = stack.spec;
    const back = backup ? `restore ${backup} --with-image --no-backup --force` : `upgrade --image ${before} --force`;
    throw new CliError(
      cause.code === 'data_lost' ? 'data_lost' : 'upgrade_failed',
      `the upgrade to ${image} failed: ${cause.message}`,
      {
        hint: `go back to ${before}${backup ? ' and the data of before' : ''}:\n${commandLine(project, back)}`,
        details: { ...cause.details, from: before, to: image, backup },
        cause,
      },
    );
  }
}

/** Sees to it that no row was lost and all can be read. */
async function upgradeData(invocation: Invocation, stack: MadeStack, deadline: number): Promise<string | null> {
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
