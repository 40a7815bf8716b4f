import type { Operation, Task } from '../context/invocation.ts';
import { silentProgress } from '../io/terminal/progress.ts';
import { peerOf } from '../litellm/peer-of.ts';
import { CliError, EXIT } from '../model/errors.ts';
import { secretsOfEnvironment } from '../model/gateway-environment.ts';
import { PROXY } from '../model/service.ts';
import { proxyUrl } from '../model/stack-spec.ts';
import { readEnvironment } from '../project/environment.ts';
import { allSecrets, readSecrets } from '../project/secrets.ts';
import { readState } from '../project/state.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { probeProxy, targetOf } from '../stack/health/proxy-health.ts';
import { chooseRuntime, knownRuntime, rememberedRuntime, runtimeOf } from '../stack/open/choose-runtime.ts';
import { onDatabaseOf } from '../stack/open/external-database.ts';
import { requireSameEngine } from '../stack/open/open-stack.ts';
import { knownSpec } from '../stack/open/plan-spec.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { lookup } from './lookup.ts';
import { shownStack } from './shown-stack.ts';

const known = <Value>(lookup: Promise<Value>) => lookup.catch(() => undefined);

export async function examineStack(invocation: Operation): Promise<ExaminedStack> {
  const { context, settings } = invocation;
  const [runtime, state, secrets] = await Promise.all([
    runtimeToExamine(invocation),
    known(readState(context.files, settings.paths)),
    known(readSecrets(context.files, settings.paths)),
  ]);
  return examined(invocation, onDatabaseOf(runtime, state ?? {}, secrets));
}

export function examined(invocation: Operation, runtime: Runtime): ExaminedStack {
  const { context, settings, redaction } = invocation;
  const { files, http, signal } = context;
  const state = lookup('state', () => readState(files, settings.paths));
  const secrets = lookup('secrets', async () => {
    const found = await readSecrets(files, settings.paths);
    if (found) redaction.add(allSecrets(found));
    redaction.add(secretsOfEnvironment((await known(readEnvironment(files, settings.paths))) ?? []));
    return found;
  });
  const spec = lookup('state', async () => knownSpec(settings.project, await state(), runtime.defaults));
  const { facts } = runtime;
  const cli = lookup('docker-cli', async () => (facts.kind === 'docker' ? facts.cliVersion() : null));
  const endpoint = lookup('context', () => runtime.endpoint());
  const engine = lookup('engine', async () => {
    await endpoint();
    return engineFacts(invocation, runtime);
  });
  // Another engine would report that the stack does not exist.
  const home = lookup('context', async () => {
    const now = await engine();
    if (now) requireSameEngine(await state(), now);
  });
  const services = lookup('services', async () => {
    await home();
    return runtime.services();
  });
  const place = lookup('volume', async () => {
    await home();
    return runtime.dataPlace();
  });
  const proxy = async () => (await services()).find(({ service }) => service === PROXY);
  const url = lookup('services', async () => proxyUrl((await proxy())?.published ?? (await spec())));
  const health = lookup('readiness', async () => {
    const [running, known] = await Promise.all([proxy(), secrets()]);
    if (running?.status !== 'running' || !known) return undefined;
    const where = { ...(await spec()), ...running.published };
    const seen = { seen: await services(), endpoint: (await state())?.engine.endpoint };
    const target = targetOf(where, known.masterKey, peerOf(invocation, runtime, where, seen));
    return probeProxy(http, target, signal, { atOnce: true });
  });
  const base = { invocation, runtime, state, secrets, spec, cli, endpoint, engine, services, place, url, health };
  return { ...base, ...shownStack(base) };
}

async function engineFacts({ context: { clock } }: Pick<Operation, 'context'>, { facts }: Runtime) {
  if (facts.kind !== 'docker') return null;
  const before = clock.now();
  const found = await facts.engine();
  return { ...found, skew: found.time === null ? null : skewOf(found.time, before, clock.now()) };
}

/** How far a time is outside the interval in which it was read. */
function skewOf(time: number, before: number, after: number): number {
  if (time < before) return time - before;
  return Math.max(0, time - after);
}

/** The runtime of the stack or, before the first start, the one that `up` would choose. */
async function runtimeToExamine(invocation: Task): Promise<Runtime> {
  const { context, settings } = invocation;
  const hasState = await context.files.owner(settings.paths.state).then(
    (owner) => owner !== undefined,
    () => false,
  );
  if (hasState) return rememberedRuntime(invocation);
  try {
    return await chooseRuntime({}, { ...invocation, progress: silentProgress }, undefined);
  } catch (error) {
    if (!isPrerequisite(error)) throw error;
  }
  return knownRuntime(invocation, undefined).catch((error: unknown) => {
    // An engine that DOCKER_HOST names is meant even if it does not answer.
    if (isPrerequisite(error)) return runtimeOf(invocation, 'docker');
    throw error;
  });
}

const isPrerequisite = (error: unknown) => error instanceof CliError && error.exitCode === EXIT.prerequisite;
