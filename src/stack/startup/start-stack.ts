import type { Operation, Task, Workplace } from '../../context/invocation.ts';
import { peerOf } from '../../litellm/peer-of.ts';
import { reportedTheft } from '../../litellm/releases/trusted-image.ts';
import { CliError } from '../../model/errors.ts';
import { isSameImage } from '../../model/image-name.ts';
import { DATABASE, PROXY, type ServiceName, type ServiceState } from '../../model/service.ts';
import { imageOf, type StackSpec } from '../../model/stack-spec.ts';
import type { StackSecrets } from '../../project/secrets.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { type ProxyHealth, probeProxy, targetOf } from '../health/proxy-health.ts';
import { STARTING_DATABASE, type WaitResult, waitUntilReady, watchStart } from '../health/readiness.ts';
import { requireTrustedContent } from '../open/images.ts';
import { adoptIdentity, settleIdentity } from './known-data.ts';
import { portTaken } from './port-conflict.ts';
import { retryStart } from './retry-start.ts';
import { serviceFailure, waitFailure } from './stack-failure.ts';

export interface StartOptions {
  readonly spec: StackSpec;
  readonly secrets: StackSecrets;
  readonly recreate: readonly ServiceName[];
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Use the existing data as the stack's own instead of comparing it with what is remembered. */
  readonly adopt?: boolean;
}

type Ready = ProxyHealth & { readonly state: 'ready' };

/** Starts the services and waits until they are ready. Whatever happens, what runs is left running. */
export async function startStack(invocation: Operation, runtime: Runtime, options: StartOptions): Promise<Ready> {
  await requireTrustedContent(runtime, options.spec);
  return retryStart((attempt) => {
    if (attempt === 1) return startOnce(invocation, runtime, options);
    invocation.progress.phase('Starting services again that something else has stopped');
    return startOnce(invocation, runtime, { ...options, recreate: [] });
  });
}

async function startOnce(invocation: Operation, runtime: Runtime, options: StartOptions): Promise<Ready> {
  const { clock } = invocation.context;
  const began = clock.now();
  await startWatched(invocation, runtime, options);
  // While the gateway boots, this costs nothing.
  const isSettled = await settle(invocation, runtime, options).catch(falseWithoutDatabase);
  const result = await waitFor(invocation, runtime, options);
  if (result.end !== 'ready') {
    throw await waitFailure(invocation, runtime, result, { spec: options.spec, elapsedMs: clock.now() - began });
  }
  await requireNoTheft(runtime, options.spec, result.health);
  if (!isSettled) await settle(invocation, runtime, options);
  return result.health;
}

function waitFor(invocation: Task, runtime: Runtime, { spec, secrets, deadline }: StartOptions) {
  const { clock, http, signal } = invocation.context;
  const target = targetOf(spec, secrets.masterKey, peerOf(invocation, runtime, spec));
  return waitUntilReady({
    clock,
    services: () => runtime.services(),
    signal,
    onPhase: (phase) => invocation.progress.phase(phase),
    externalDatabase: spec.externalDatabase,
    deadline,
    probe: (ownProxy) => probeProxy(http, target, signal, { atOnce: ownProxy }),
  });
}

/** A gateway that reports a stolen release, whatever its image is called, is not left running. */
async function requireNoTheft(runtime: Runtime, { image }: StackSpec, { version }: Ready): Promise<void> {
  const theft = reportedTheft(image, version);
  if (!theft) return;
  await runtime.stop([PROXY]);
  throw theft;
}

async function settle(invocation: Workplace, runtime: Runtime, { adopt }: StartOptions): Promise<boolean> {
  await (adopt ? adoptIdentity : settleIdentity)(invocation, runtime);
  return true;
}

/** The wait that follows explains better why the database is gone. */
function falseWithoutDatabase(error: unknown): boolean {
  if (error instanceof CliError && (error.code === 'not_running' || error.code === 'database_failed')) return false;
  throw error;
}

/** Compose waits for the database without a limit, so a watch beside it ends it when the database fails or time is up. */
async function startWatched(invocation: Operation, runtime: Runtime, options: StartOptions): Promise<void> {
  const { clock, signal } = invocation.context;
  const began = clock.now();
  const done = new AbortController();
  const stop = new AbortController();
  let failed: ServiceState | undefined;
  const watch = watchServices(invocation, runtime, options, done.signal).then((service) => {
    failed = service;
    if (service) stop.abort(new Error('A service failed'));
  });
  const timer = clock.sleep(Math.max(0, options.deadline - clock.now()), done.signal).then(
    () => stop.abort(new Error('Time is up')),
    () => undefined,
  );
  try {
    await runtime.start(options.spec, { recreate: options.recreate, signal: AbortSignal.any([signal, stop.signal]) });
  } catch (error) {
    signal.throwIfAborted();
    if (failed) throw await serviceFailure(invocation, runtime, failed);
    if (stop.signal.aborted) {
      throw await waitFailure(invocation, runtime, SILENT, { spec: options.spec, elapsedMs: clock.now() - began });
    }
    throw await startFailure(invocation, runtime, options.spec, error);
  } finally {
    done.abort();
    await Promise.all([watch, timer]);
  }
}

const SILENT: WaitResult & { readonly end: 'timeout' } = {
  end: 'timeout',
  health: { state: 'silent', code: 'ECONNREFUSED' },
  phase: STARTING_DATABASE,
};

/** A service that fails while the runtime starts it; undefined at the end of `until`. */
async function watchServices(
  invocation: Pick<Operation, 'context' | 'progress'>,
  runtime: Runtime,
  options: StartOptions,
  until: AbortSignal,
) {
  const { clock, signal } = invocation.context;
  const { spec } = options;
  const isReplaced = await replacedBy(runtime, options).catch(() => () => false);
  return watchStart({
    clock,
    services: () => runtime.services(),
    signal: AbortSignal.any([until, signal]),
    externalDatabase: spec.externalDatabase,
    isReplaced,
    onPhase: (phase) => invocation.progress.phase(phase),
  }).catch(noService);
}

/** Whether a service that is there ends, because a new one takes its place. */
async function replacedBy(runtime: Runtime, { recreate, spec }: StartOptions) {
  const revision = await runtime.revision?.(spec);
  return (found: ServiceState): boolean =>
    recreate.includes(found.service) ||
    !isSameImage(found.image, imageOf(spec, found.service)) ||
    (found.service === PROXY && found.revision !== revision);
}

/** An engine that no longer answers ends the start itself, with a better message. */
const noService = () => undefined;

/** What the runtime's error becomes: a failed database and a port in use are explained. */
async function startFailure(
  invocation: Pick<Operation, 'context' | 'redaction'>,
  runtime: Runtime,
  spec: StackSpec,
  error: unknown,
) {
  if (!(error instanceof CliError)) return error;
  if (error.code === 'port_taken') {
    return portTaken(invocation, runtime, spec, Number(error.details.port ?? spec.port));
  }
  if (error.code !== 'service_failed') return error;
  const database = (await runtime.services()).find(({ service }) => service === DATABASE);
  return database ? serviceFailure(invocation, runtime, database) : error;
}
