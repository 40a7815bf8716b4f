import type { Operation, Workplace } from '../../context/invocation.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { FINGERPRINTED, type Fingerprints, fingerprintsOf } from '../../project/fingerprints.ts';
import type { StackSecrets } from '../../project/secrets.ts';
import { readState, writeState } from '../../project/state.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { withDatabase } from '../startup/start-database.ts';

/** Whether a secret is being replaced, by a command that runs or by one that was killed. */
export function isRotating(known: Fingerprints | undefined): known is Fingerprints {
  return known !== undefined && FINGERPRINTED.some((name) => known[name].length > 1);
}

/** Sets the database's password to that of the secrets: inside its container none is asked for. */
export async function setDatabasePassword(
  invocation: Pick<Operation, 'context' | 'progress' | 'redaction'>,
  runtime: Runtime,
  spec: StackSpec,
  { databasePassword }: Pick<StackSecrets, 'databasePassword'>,
): Promise<void> {
  // Made of an alphabet without quotes; see `isSafeValue`.
  const script = `ALTER ROLE litellm PASSWORD '${databasePassword.reveal()}';\n`;
  await withDatabase(invocation, runtime, spec, async () => void (await runtime.database.administer(script)));
}

/** From here on only these secrets count. */
export async function settleFingerprints(
  { context: { files, randomBytes }, settings: { paths } }: Workplace,
  secrets: StackSecrets,
): Promise<void> {
  const state = await readState(files, paths);
  const fingerprints = fingerprintsOf(secrets, randomBytes(16).toString('hex'));
  if (state) await writeState(files, paths, { ...state, fingerprints });
}
