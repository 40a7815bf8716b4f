import type { Workplace } from '../../context/invocation.ts';
import { peerOf } from '../../litellm/peer-of.ts';
import { reportedTheft, rollingWarnings } from '../../litellm/releases/trusted-image.ts';
import type { ServiceState } from '../../model/service.ts';
import type { StackSecrets } from '../../project/secrets.ts';
import { probeProxy, targetOf } from '../health/proxy-health.ts';
import { runsAsPlanned } from '../open/plan-spec.ts';
import { isRotating } from '../rotation/rotating.ts';
import { settleUpgrade } from '../upgrade/upgrade-failure.ts';
import type { UpPlan } from './plan-up.ts';
import type { FoundServices } from './refuse-up.ts';
import type { UpFlags } from './up-options.ts';
import type { Ready } from './up-outcome.ts';

/** The stack if it is ready as planned, which only takes one query of the containers and one of the gateway; otherwise undefined. */
export async function findRunning(
  flags: UpFlags,
  invocation: Workplace,
  plan: UpPlan,
  { services, warnings }: FoundServices,
): Promise<Omit<Ready, 'change' | 'began'> | undefined> {
  const { stack, spec } = plan;
  const { state, secrets } = stack;
  if (!secrets || hasWork(flags, plan)) return undefined;
  const health = await probeAsPlanned(invocation, plan, secrets, services);
  if (!health) return undefined;
  const theft = reportedTheft(spec.image, health.version);
  if (theft) throw theft;
  if (state?.upgrading) await settleUpgrade(invocation);
  const rolling = rollingWarnings(spec.image, health.version, state?.digests?.[spec.image]);
  return { health, secrets, warnings: [...warnings, ...rolling] };
}

/** Whether flags or state require more than this check. */
function hasWork(flags: UpFlags, { stack: { state, secrets }, databaseUrl, environment }: UpPlan): boolean {
  const isNewUrl = databaseUrl?.reveal() !== secrets?.databaseUrl?.reveal();
  const isNewLogin = Boolean(flags.uiPassword || flags.uiUsername);
  const isAsked = flags.adopt || flags.pull === 'always' || isNewLogin || isNewUrl || environment.isChanged;
  return isAsked || !state?.data || isRotating(state.fingerprints);
}

async function probeAsPlanned(
  invocation: Workplace,
  { stack: { state, runtime }, spec }: UpPlan,
  { masterKey }: StackSecrets,
  services: readonly ServiceState[],
) {
  if (state?.engine.endpoint !== (await runtime.endpoint())) return undefined;
  if (!runsAsPlanned(services, spec, await runtime.revision?.(spec))) return undefined;
  const { http, signal } = invocation.context;
  const target = targetOf(spec, masterKey, peerOf(invocation, runtime, spec, { seen: services }));
  const health = await probeProxy(http, target, signal, { atOnce: true });
  return health.state === 'ready' ? health : undefined;
}
