import type { Invocation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import { commandLine } from '../../model/settings.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { readState, type WayBack, writeState } from '../../project/state.ts';
import { restoreByHand } from '../open/external-database.ts';

/** What an upgrade that does not end well becomes: with the one command that goes back. */
export function upgradeFailure(
  cause: CliError,
  { project, image, externalDatabase }: StackSpec,
  { from, backup }: WayBack,
): CliError {
  const back =
    backup && !externalDatabase
      ? `restore ${backup} --with-image --no-backup --force`
      : `upgrade --image ${from} --force`;
  const byHand = backup && externalDatabase ? `\nand put the data back ${restoreByHand(project, backup)}` : '';
  return new CliError(
    cause.code === 'data_lost' ? 'data_lost' : 'upgrade_failed',
    `the upgrade to ${image} failed: ${cause.message}`,
    {
      hint: `go back to ${from}${backup ? ' and the data of before' : ''}:\n${commandLine(project, back)}${byHand}`,
      details: { ...cause.details, from, to: image, backup },
      cause,
    },
  );
}

/** The new image is up, and nobody goes back any more. */
export async function settleUpgrade({ context: { files }, settings: { paths } }: Invocation): Promise<void> {
  const state = await readState(files, paths);
  if (state?.upgrading) await writeState(files, paths, { ...state, upgrading: undefined });
}
