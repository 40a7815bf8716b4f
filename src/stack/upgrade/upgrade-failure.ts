import type { Workplace } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { type RollbackPlan, readState, writeState } from '../../project/state.ts';
import { restoreByHand } from '../open/external-database.ts';

/** The error for a failed upgrade, with the command that rolls back. */
export function upgradeFailure(
  cause: CliError,
  { image, externalDatabase }: StackSpec,
  { from, backup }: RollbackPlan,
): CliError {
  const command =
    backup && !externalDatabase
      ? `restore ${backup} --with-image --no-backup --force`
      : `upgrade --image ${from} --force`;
  const byHand = backup && externalDatabase ? `\nThen restore the data yourself:\n${restoreByHand(backup)}` : '';
  return new CliError(
    cause.code === 'data_lost' ? 'data_lost' : 'upgrade_failed',
    `The upgrade to ${image} failed: ${cause.message}`,
    {
      hint: `Go back to ${from}${backup ? ' and the data from before' : ''}:\nagents-llm ${command}${byHand}`,
      details: { ...cause.details, from, to: image, backup },
      cause,
    },
  );
}

/** The new image is up, so nothing is left to go back to. */
export async function settleUpgrade({ context: { files }, settings: { paths } }: Workplace): Promise<void> {
  const state = await readState(files, paths);
  if (state?.upgrading) await writeState(files, paths, { ...state, upgrading: undefined });
}
