import type { Operation } from '../../context/invocation.ts';
import { rollingWarnings } from '../../litellm/releases/trusted-image.ts';
import { CliError } from '../../model/errors.ts';
import { isRotating, settleFingerprints } from '../rotation/rotating.ts';
import { settleRetention } from '../startup/settle-retention.ts';
import { startStack } from '../startup/start-stack.ts';
import { settleUpgrade, upgradeFailure } from '../upgrade/upgrade-failure.ts';
import type { UpPlan } from './plan-up.ts';
import type { PreparedStart } from './prepare-up.ts';
import type { Ready } from './up-outcome.ts';

/** Starts the services, waits until they are ready, and ends an upgrade or a rotation that was interrupted. */
export async function startServices(
  invocation: Operation,
  { stack: { state }, spec, runtime }: UpPlan,
  { secrets, digests, deadline, adopt, setsRetention }: PreparedStart,
): Promise<Omit<Ready, 'change' | 'began'>> {
  const isOfUpgrade = state?.upgrading && spec.image === state.image;
  const health = await startStack(invocation, runtime, { spec, secrets, recreate: [], deadline, adopt }).catch(
    (error: unknown) => {
      if (!isOfUpgrade || !(error instanceof CliError) || invocation.context.signal.aborted) throw error;
      throw error.code === 'version_refused' ? error : upgradeFailure(error, spec, state.upgrading);
    },
  );
  await settleUpgrade(invocation);
  if (isRotating(state?.fingerprints)) await settleFingerprints(invocation, secrets);
  const rolling = rollingWarnings(spec.image, health.version, digests.current[spec.image]);
  const { logRetention, warnings } = await settleRetention(invocation, runtime, setsRetention);
  return { secrets, health, logRetention, warnings: [...rolling, ...digests.warnings, ...warnings] };
}
