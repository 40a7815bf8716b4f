import type { Context } from '../../context/context.ts';
import type { Operation } from '../../context/invocation.ts';
import { requireTrustedImage } from '../../litellm/releases/trusted-image.ts';
import { secretsMissing } from '../../model/secrets-errors.ts';
import type { ServiceState } from '../../model/service.ts';
import { allSecrets, makeSecrets, type StackSecrets } from '../../project/secrets.ts';
import type { StackState } from '../../project/state.ts';
import { requireUnpaused } from '../../runtime/paused-service.ts';
import { requireKnownSecrets } from '../open/known-secrets.ts';
import { requireSameEngine, type Stack } from '../open/open-stack.ts';
import { requireSafeLogin } from '../open/plan-spec.ts';
import { requireFreePorts } from '../startup/port-conflict.ts';
import type { UpPlan } from './plan-up.ts';
import { readPassword } from './ui-password.ts';
import type { UpFlags } from './up-options.ts';

export interface FoundServices {
  readonly services: readonly ServiceState[];
  readonly warnings: readonly string[];
}

/** Refuses secrets, images and containers that a stack cannot run with, even if it is already running. */
export async function refusePlan(
  invocation: Pick<Operation, 'settings'>,
  { stack, spec, runtime, environment }: UpPlan,
): Promise<FoundServices> {
  requireKnownSecrets(invocation, stack.secrets, stack.state?.fingerprints);
  const warnings = [...requireTrustedImage(spec.image, { installed: false }), ...environment.warnings];
  const services = await runtime.services();
  requireUnpaused(services);
  return { services, warnings };
}

export interface CheckedStart {
  readonly engine: StackState['engine'];
  readonly secrets: StackSecrets;
}

/** Refuses what would fail later or harm the data, and returns the secrets to start with. Writes nothing. */
export async function refuseStart(
  flags: UpFlags,
  invocation: Pick<Operation, 'context' | 'settings' | 'redaction'>,
  { stack, spec, runtime, databaseUrl }: UpPlan,
  { services }: FoundServices,
): Promise<CheckedStart> {
  const { context, redaction, settings } = invocation;
  const engine = await runtime.preflight();
  requireSameEngine(stack.state, engine);
  await requireSecretsOfData(stack, settings.paths.secrets);
  const known = stack.secrets ?? makeSecrets(context.env, context.randomBytes);
  const secrets = { ...known, ...(await loginOf(flags, context)), ...(databaseUrl && { databaseUrl }) };
  redaction.add(allSecrets(secrets));
  requireSafeLogin(spec, secrets);
  await requireFreePorts(invocation, runtime, spec, services);
  return { engine, secrets };
}

/** With new secrets, existing data could not be read: the volume contains the password, and the salt encrypts the provider keys. */
async function requireSecretsOfData({ secrets, runtime }: Stack, file: string): Promise<void> {
  if (secrets) return;
  const { volume } = await runtime.dataPlace();
  if (volume !== null) throw secretsMissing(file, volume);
}

async function loginOf(flags: UpFlags, context: Context): Promise<Partial<StackSecrets>> {
  return {
    ...(flags.uiUsername === undefined ? {} : { uiUsername: flags.uiUsername }),
    ...(flags.uiPassword === undefined ? {} : { uiPassword: await readPassword(flags.uiPassword, context) }),
  };
}
