import type { Invocation } from '../../context/invocation.ts';
import { peerOf } from '../../litellm/peer-of.ts';
import { reportedTheft, requireTrustedImage, rollingWarnings } from '../../litellm/releases/trusted-image.ts';
import { CliError } from '../../model/errors.ts';
import type { Outcome } from '../../model/report.ts';
import type { ServiceState } from '../../model/service.ts';
import { commandLine } from '../../model/settings.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { allSecrets, makeSecrets, type StackSecrets } from '../../project/secrets.ts';
import { requireUnpaused } from '../../runtime/paused.ts';
import { openUndone } from '../backup/undo-restore.ts';
import { probeProxy, targetOf } from '../health/proxy-health.ts';
import { chooseRuntime } from '../open/choose-runtime.ts';
import { databaseUrlOf, onDatabaseOf, requireDatabaseKind } from '../open/external-database.ts';
import { noteDigests, requireTrustedContent } from '../open/images.ts';
import { requireKnownSecrets } from '../open/known-secrets.ts';
import { type RuntimeFor, requireSameEngine, type Stack } from '../open/open-stack.ts';
import { planSpec, requireSafeLogin, runsAsPlanned } from '../open/plan-spec.ts';
import { rememberStack } from '../open/remember-stack.ts';
import { completeLogin } from '../open/ui-login.ts';
import { requireUsableDatabase } from '../open/usable-database.ts';
import { isRotating, setDatabasePassword, settleFingerprints } from '../rotation/rotating.ts';
import { requireKnownVolume } from '../startup/known-data.ts';
import { requireFreePorts } from '../startup/port-conflict.ts';
import { startStack } from '../startup/start-stack.ts';
import { planTls } from '../tls/plan-tls.ts';
import { writeTlsFiles } from '../tls/tls-files.ts';
import { settleUpgrade, upgradeFailure } from '../upgrade/upgrade-failure.ts';
import { readPassword } from './ui-password.ts';
import type { UpFlags } from './up-options.ts';
import { readyOutcome } from './up-outcome.ts';
import type { UpData } from './up-summary.ts';

/** What `up` does while it holds the project's lock. `began` is in milliseconds since the epoch. */
export async function bringUp(
  flags: UpFlags,
  invocation: Invocation,
  began: number,
  runtimeFor: RuntimeFor = (given, known) => chooseRuntime(flags, given, known),
): Promise<Outcome<UpData>> {
  const { context, settings, redaction } = invocation;
  await completeLogin(context.files, settings.paths, context.env, context.randomBytes);
  const stack = await openUndone(invocation, runtimeFor);
  const { state } = stack;
  requireDatabaseKind(flags, stack.runtime, state, settings.project);
  const plain = planSpec(settings.project, flags, context.env, state, stack.runtime.defaults);
  const { spec, tlsFiles } = await planTls(flags, invocation, stack.runtime, plain);
  const databaseUrl = databaseUrlOf(flags, invocation, spec, stack.secrets?.databaseUrl);
  const runtime = onDatabaseOf(stack.runtime, spec, { ...(databaseUrl && { databaseUrl }) });
  requireKnownSecrets(invocation, stack.secrets, state?.fingerprints);
  const doubts = requireTrustedImage(spec.image, { installed: false });
  const services = await runtime.services();
  requireUnpaused(services);
  const isNewUrl = databaseUrl?.reveal() !== stack.secrets?.databaseUrl?.reveal();
  const running = isNewUrl ? undefined : await probeAsPlanned(invocation, flags, spec, stack, services);
  if (running) {
    const { version } = running.health;
    const theft = reportedTheft(spec.image, version);
    if (theft) throw theft;
    if (state?.upgrading) await settleUpgrade(invocation);
    const warnings = [...doubts, ...rollingWarnings(spec.image, version, state?.digests?.[spec.image])];
    return readyOutcome(invocation, spec, runtime.kind, { ...running, change: 'unchanged', began, warnings });
  }

  const engine = await runtime.preflight();
  requireSameEngine(state, engine, settings.project);
  await requireSecretsOfData(stack, invocation);
  const before = stack.secrets ?? makeSecrets(context.env, context.randomBytes);
  const secrets = { ...(await applyLogin(flags, invocation, before)), ...(databaseUrl && { databaseUrl }) };
  redaction.add(allSecrets(secrets));
  requireSafeLogin(spec, secrets);
  await requireFreePorts(invocation, runtime, spec, services);
  await runtime.prepare(spec, flags.pull, invocation.progress);
  await requireTrustedContent(runtime, spec);
  await requireUsableDatabase(invocation, runtime, spec);
  const noted = await noteDigests(runtime, spec, state ?? {});
  const deadline = context.clock.now() + flags.timeout;
  const { adopt = false } = flags;
  if (!adopt) await requireKnownVolume(invocation, runtime, { known: state?.data, spec, deadline });
  await writeTlsFiles(invocation, tlsFiles);
  await rememberStack(invocation, stack, spec, secrets, { engine, digests: noted.digests });
  const rotating = isRotating(state?.fingerprints);
  if (rotating) await setDatabasePassword(invocation, runtime, spec, secrets);
  const health = await startStack(invocation, runtime, { spec, secrets, recreate: [], deadline, adopt }).catch(
    (error: unknown) => {
      const isOfUpgrade = state?.upgrading && spec.image === state.image && !context.signal.aborted;
      throw isOfUpgrade && error instanceof CliError && error.code !== 'version_refused'
        ? upgradeFailure(error, spec, state.upgrading)
        : error;
    },
  );
  await settleUpgrade(invocation);
  if (rotating) await settleFingerprints(invocation, secrets);
  return readyOutcome(invocation, spec, runtime.kind, {
    secrets,
    health,
    change: 'started',
    began,
    warnings: [...doubts, ...rollingWarnings(spec.image, health.version, noted.now[spec.image]), ...noted.warnings],
  });
}

/** When all is well already, two looks tell: at the containers and at the proxy. */
async function probeAsPlanned(
  invocation: Invocation,
  flags: UpFlags,
  spec: StackSpec,
  { state, secrets, runtime }: Stack,
  services: readonly ServiceState[],
) {
  if (
    !state?.data ||
    isRotating(state.fingerprints) ||
    !secrets ||
    flags.adopt ||
    flags.pull === 'always' ||
    flags.uiPassword ||
    flags.uiUsername
  )
    return undefined;
  if (state.engine.endpoint !== (await runtime.endpoint())) return undefined;
  if (!runsAsPlanned(services, spec, await runtime.revision?.(spec))) return undefined;
  const { context } = invocation;
  const target = targetOf(spec, secrets.masterKey, peerOf(invocation, runtime, spec, { seen: services }));
  const health = await probeProxy(context.http, target, context.signal, { atOnce: true });
  return health.state === 'ready' ? { health, secrets } : undefined;
}

/** New secrets beside old data would lock the data out: the password is in the volume, the salt in every provider key. */
async function requireSecretsOfData({ secrets, runtime }: Stack, { settings }: Invocation): Promise<void> {
  if (secrets || (await runtime.dataPlace()).volume === null) return;
  const file = settings.paths.secrets;
  throw new CliError('secrets_missing', `the stack's volume exists and its secrets are gone: there is no ${file}`, {
    hint: `put that file back; new secrets could not read the data
or delete the data and begin anew: ${commandLine(settings.project, 'down --volumes')}`,
    details: { file },
  });
}

async function applyLogin(flags: UpFlags, { context }: Invocation, secrets: StackSecrets): Promise<StackSecrets> {
  return {
    ...secrets,
    ...(flags.uiUsername === undefined ? {} : { uiUsername: flags.uiUsername }),
    ...(flags.uiPassword === undefined ? {} : { uiPassword: await readPassword(flags.uiPassword, context) }),
  };
}
