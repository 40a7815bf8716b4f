import type { Invocation } from '../../context/invocation.ts';
import { peerOf } from '../../litellm/peer-of.ts';
import { reportedTheft } from '../../litellm/releases/trusted-image.ts';
import { CliError } from '../../model/errors.ts';
import { DATABASE, PROXY, type ServiceName, type ServiceState } from '../../model/service.ts';
import { imageOf, type StackSpec } from '../../model/stack-spec.ts';
import type { StackSecrets } from '../../project/secrets.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { type ProxyHealth, probeProxy, targetOf } from '../health/proxy-health.ts';
import { waitUntilReady, watchStart } from '../health/readiness.ts';
import { requireTrustedContent } from '../open/images.ts';
import { adoptIdentity, settleIdentity } from './known-data.ts';
import { portTaken } from './port-conflict.ts';
import { serviceFailure, waitFailure } from './stack-failure.ts';
import { START_ATTEMPTS, wasEnded } from './start-database.ts';

export interface StartOptions {
  readonly spec: StackSpec;
  readonly secrets: StackSecrets;
  readonly recreate: readonly ServiceName[];
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Take the data that is there as the stack's own, instead of comparing it with what is remembered. */
  readonly adopt?: boolean;
}

type Ready = ProxyHealth & { readonly state: 'ready' };

/** Starts the services and waits until they are ready. Whatever happens, what runs is left running. */
export async function startStack(invocation: Invocation, runtime: Runtime, options: StartOptions): Promise<Ready> {
  await requireTrustedContent(runtime, options.spec);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(invocation, runtime, attempt === 1 ? options : { ...options, recreate: [] });
    } catch (error) {
      // A killed command's `docker compose stop` goes on without it, too.
      if (attempt === START_ATTEMPTS || !wasEnded(error)) throw error;
      invocation.progress.phase('starting again what something else has stopped');
    }
  }
}

async function startOnce(invocation: Invocation, runtime: Runtime, options: StartOptions): Promise<Ready> {
  const { clock, http, signal } = invocation.context;
  const services = () => runtime.services();
  const onPhase = (phase: string) => invocation.progress.phase(phase);
  const peer = peerOf(invocation, runtime, options.spec);
  const target = targetOf(options.spec, options.secrets.masterKey, peer);
  await startWatched(invocation, runtime, options);
  // While the proxy boots, this costs nothing.
  const isSettled = await settle(invocation, runtime, options).catch(onlyOfDatabase);
  const result = await waitUntilReady({
    clock,
    services,
    signal,
    onPhase,
    externalDatabase: options.spec.externalDatabase,
    deadline: options.deadline,
    probe: (ownProxy) => probeProxy(http, target, signal, { atOnce: ownProxy }),
  });
  if (result.end === 'ready') {
    await requireNoTheft(runtime, options.spec, result.health);
    if (!isSettled) await settle(invocation, runtime, options);
    return result.health;
  }
  throw await waitFailure(invocation, runtime, options.spec, result);
}

/** The last word has the proxy itself: one that says it is a stolen release is not left running. */
async function requireNoTheft(runtime: Runtime, { image }: StackSpec, { version }: Ready): Promise<void> {
  const theft = reportedTheft(image, version);
  if (!theft) return;
  await runtime.stop([PROXY]);
  throw theft;
}

async function settle(invocation: Invocation, runtime: Runtime, { adopt }: StartOptions): Promise<boolean> {
  await (adopt ? adoptIdentity : settleIdentity)(invocation, runtime);
  return true;
}

/** A database that has just gone is explained better by the wait that follows. */
function onlyOfDatabase(error: unknown): boolean {
  if (error instanceof CliError && (error.code === 'not_running' || error.code === 'database_failed')) return false;
  throw error;
}

/** Compose waits for the database without an end of its own: a watch beside it ends it when the database fails or time is up. */
async function startWatched(invocation: Invocation, runtime: Runtime, options: StartOptions): Promise<void> {
  const { clock, signal } = invocation.context;
  const done = new AbortController();
  const stop = new AbortController();
  let failed: ServiceState | undefined;
  const watch = watchStart({
    clock,
    services: () => runtime.services(),
    signal: AbortSignal.any([done.signal, signal]),
    externalDatabase: options.spec.externalDatabase,
    isReplaced: ({ service, image }) => options.recreate.includes(service) || image !== imageOf(options.spec, service),
    onPhase: (phase) => invocation.progress.phase(phase),
  }).then(
    (service) => {
      failed = service;
      if (service) stop.abort(new Error('a service failed'));
    },
    // An engine that no longer answers ends the start itself, with a better word for it.
    () => undefined,
  );
  const timer = clock.sleep(Math.max(0, options.deadline - clock.now()), done.signal).then(
    () => stop.abort(new Error('time is up')),
    () => undefined,
  );
  try {
    await runtime.start(options.spec, { recreate: options.recreate, signal: AbortSignal.any([signal, stop.signal]) });
  } catch (error) {
    signal.throwIfAborted();
    if (failed) throw await serviceFailure(invocation, runtime, failed);
    if (stop.signal.aborted) {
      throw await waitFailure(invocation, runtime, options.spec, {
        end: 'timeout',
        health: { state: 'silent', code: 'ECONNREFUSED' },
        waitingFor: 'starting the database',
      });
    }
    const database = await failedDatabase(runtime, error);
    if (database) throw await serviceFailure(invocation, runtime, database);
    if (error instanceof CliError && error.code === 'port_taken')
      throw await portTaken(invocation, runtime, options.spec, Number(error.details.port ?? options.spec.port));
    throw error;
  } finally {
    done.abort();
    await Promise.all([watch, timer]);
  }
}

/** The runtime names a database that did not come up; its state and log say why. */
async function failedDatabase(runtime: Runtime, error: unknown): Promise<ServiceState | undefined> {
  if (!(error instanceof CliError) || error.code !== 'service_failed') return undefined;
  return (await runtime.services()).find(({ service }) => service === DATABASE);
}
