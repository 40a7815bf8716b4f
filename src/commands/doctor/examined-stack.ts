import { CliError, EXIT } from '../../errors.ts';
import { silentProgress } from '../../io/progress.ts';
import type { EngineFacts } from '../../runtime/facts.ts';
import type { DataPlace, Runtime } from '../../runtime/runtime.ts';
import { PROXY, proxyUrl, type ServiceState, type StackSpec } from '../../service.ts';
import { type ProxyHealth, probeProxy, targetOf } from '../../stack/proxy-health.ts';
import { allSecrets, readSecrets, type StackSecrets } from '../../stack/secrets.ts';
import { readState, type StackState } from '../../stack/state.ts';
import { chooseRuntime, knownRuntime, rememberedRuntime } from '../choose-runtime.ts';
import { onDatabaseOf } from '../external-database.ts';
import type { Invocation } from '../invocation.ts';
import { requireSameEngine } from '../open-stack.ts';
import { peerOf } from '../peer-of.ts';
import { planSpec } from '../up-plan.ts';
import { type Lookup, lookup } from './lookup.ts';
import { type ShownStack, shownStack } from './shown-stack.ts';

/** A stack as `doctor` sees it: what its checks share is looked up once, when the first of them asks. */
export interface ExaminedStack extends ShownStack {
  readonly invocation: Invocation;
  /** Whether others may be asked what is known of it. */
  readonly online?: boolean;
  readonly runtime: Runtime;
  readonly state: Lookup<StackState | undefined>;
  readonly secrets: Lookup<StackSecrets | undefined>;
  /** What the stack is, or would be. */
  readonly spec: Lookup<StackSpec>;
  /** Of the docker command; null without Docker. */
  readonly cli: Lookup<string | null>;
  readonly endpoint: Lookup<string>;
  /** Null without Docker; `skew` is how far its clock is from this machine's, in milliseconds. */
  readonly engine: Lookup<(EngineFacts & { readonly skew: number | null }) | null>;
  readonly services: Lookup<readonly ServiceState[]>;
  readonly place: Lookup<DataPlace>;
  readonly url: Lookup<string>;
  /** Undefined when the proxy does not run. */
  readonly health: Lookup<ProxyHealth | undefined>;
}

export async function examineStack(invocation: Invocation): Promise<ExaminedStack> {
  const { context, settings } = invocation;
  const known = <Value>(look: Promise<Value>) => look.catch(() => undefined);
  const [runtime, state, secrets] = await Promise.all([
    runtimeToExamine(invocation),
    known(readState(context.files, settings.paths)),
    known(readSecrets(context.files, settings.paths)),
  ]);
  return examined(invocation, onDatabaseOf(runtime, state ?? {}, secrets));
}

export function examined(invocation: Invocation, runtime: Runtime): ExaminedStack {
  const { context, settings, redaction } = invocation;
  const { files, http, signal } = context;
  const state = lookup('state', () => readState(files, settings.paths));
  const secrets = lookup('secrets', async () => {
    const found = await readSecrets(files, settings.paths);
    if (found) redaction.add(allSecrets(found));
    return found;
  });
  const spec = lookup('state', async () => planSpec(settings.project, {}, {}, await state(), runtime.defaults));
  const { facts } = runtime;
  const cli = lookup('docker-cli', async () => (facts.kind === 'docker' ? facts.cliVersion() : null));
  const endpoint = lookup('context', () => runtime.endpoint());
  const engine = lookup('engine', async () => {
    await endpoint();
    return engineFacts(invocation, runtime);
  });
  // On another engine than its own nothing of the stack would be found.
  const home = lookup('context', async () => {
    const now = await engine();
    if (now) requireSameEngine(await state(), now, settings.project);
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

async function engineFacts({ context: { clock } }: Invocation, { facts }: Runtime) {
  if (facts.kind !== 'docker') return null;
  const before = clock.now();
  const found = await facts.engine();
  return { ...found, skew: found.now === null ? null : skewOf(found.now, before, clock.now()) };
}

/** How far a time lies outside the span in which it was read. */
function skewOf(time: number, before: number, after: number): number {
  if (time < before) return time - before;
  return Math.max(0, time - after);
}

/** The stack's own; of one that is not made yet, the one that `up` would take. */
async function runtimeToExamine(invocation: Invocation): Promise<Runtime> {
  const { context, settings } = invocation;
  const hasState = await context.files.owner(settings.paths.state).then(
    (owner) => owner !== undefined,
    () => false,
  );
  if (hasState) return rememberedRuntime(invocation);
  return chooseRuntime({}, { ...invocation, progress: silentProgress }, undefined).catch((error: unknown) => {
    if (error instanceof CliError && error.exitCode === EXIT.prerequisite) return knownRuntime(invocation, undefined);
    throw error;
  });
}
