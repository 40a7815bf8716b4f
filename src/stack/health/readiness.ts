import type { Clock } from '../../io/clock.ts';
import type { CliError } from '../../model/errors.ts';
import { DATABASE, PROXY, type ServiceState } from '../../model/service.ts';
import type { ProxyHealth } from './proxy-health.ts';

/** How a wait ended. Only `ready` is a success. */
export type WaitResult =
  | { readonly end: 'ready'; readonly health: ProxyHealth & { state: 'ready' } }
  | { readonly end: 'failed'; readonly service: ServiceState }
  | { readonly end: 'key-refused' }
  | { readonly end: 'other-program'; readonly answer: string; readonly error?: CliError }
  /** It was up, but for a while has not answered, has not reached its running database or was not reached through TLS. */
  | { readonly end: 'stuck'; readonly health: StuckHealth }
  | { readonly end: 'timeout'; readonly health: ProxyHealth; readonly phase: string };

export type StuckHealth = ProxyHealth & { readonly state: keyof typeof PATIENCE_MS };

/** LiteLLM may need a while to find its database again, and a reverse proxy to start. */
const PATIENCE_MS = { 'not-responding': 20_000, 'database-lost': 45_000, 'tls-silent': 60_000 } as const;

export interface WaitOptions {
  readonly clock: Clock;
  /** `ownProxy` is whether the stack's own proxy runs, so that no one else can hold its port. */
  readonly probe: (ownProxy: boolean) => Promise<ProxyHealth>;
  readonly services: () => Promise<readonly ServiceState[]>;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly onPhase: (phase: string) => void;
  /** There is no database of the stack's own to wait for. */
  readonly externalDatabase?: true | undefined;
}

/** A probe costs little, so the port is probed this often: at most one turn is lost after ready. */
const PROBE_EVERY_MS = 50;
const LOOK_EVERY_MS = 250;

/** From there on a turn is this part of the wait so far: on a slow machine, waiting must not take the time of the start. */
const TURN_SHARE = { probe: 1 / 200, look: 1 / 40 } as const;

export const STARTING_DATABASE = 'Starting the database';

const PHASE = {
  stoppingProxy: 'Stopping the gateway',
  stoppingDatabase: 'Stopping the database',
  database: STARTING_DATABASE,
  proxy: 'Starting the gateway',
  migrations: 'Migrating the database and loading the gateway',
} as const;

/**
 * Watches while the runtime starts the services, until `signal` is aborted. Resolves early with a service that the engine
 * restarts or that becomes unhealthy: Compose itself would wait for such a database forever (docker/compose#12134). Services
 * that are about to be replaced may end.
 */
export async function watchStart(
  options: Pick<WaitOptions, 'clock' | 'services' | 'signal' | 'onPhase' | 'externalDatabase'> & {
    readonly isReplaced: (service: ServiceState) => boolean;
  },
): Promise<ServiceState | undefined> {
  const trouble = watchForTrouble();
  let leaving: ReadonlySet<string> | undefined;
  while (!options.signal.aborted) {
    const services = await options.services();
    leaving ??= new Set(services.filter(options.isReplaced).map(({ id }) => id));
    const staying = services.filter(({ id }) => !leaving?.has(id));
    const failed = staying.find(trouble.isNew);
    if (failed) return failed;
    options.onPhase(endOf(services, leaving) ?? phaseOf(services, options));
    await options.clock.sleep(LOOK_EVERY_MS, options.signal).catch(() => undefined);
  }
  return undefined;
}

/** The phase while a service that is replaced is still running. */
function endOf(services: readonly ServiceState[], leaving: ReadonlySet<string>): string | undefined {
  const running = services.filter(({ id, status }) => status === 'running' && leaving.has(id));
  if (running.length === 0) return undefined;
  return running.some(({ service }) => service === PROXY) ? PHASE.stoppingProxy : PHASE.stoppingDatabase;
}

/**
 * Polls the gateway's port and the services side by side until the stack is ready, fails, or time is up. Our own, because
 * `docker compose up --wait` can succeed for a stack that is not ready (docker/compose#14074).
 */
export async function waitUntilReady(options: WaitOptions): Promise<WaitResult> {
  const { clock, signal, deadline } = options;
  const began = clock.now();
  const turn = (least: number, share: number) => Math.max(least, (clock.now() - began) * share);
  const trouble = watchForTrouble();
  let lookAt = 0;
  const stuck = watchForSilence(clock);
  let phase: string = phaseOf([], options);
  let services: readonly ServiceState[] = [];
  for (;;) {
    signal.throwIfAborted();
    if (clock.now() >= lookAt) {
      services = await options.services();
      const failed = services.find((service) => hasEnded(service) || trouble.isNew(service));
      if (failed) return { end: 'failed', service: failed };
      phase = phaseOf(services, options);
      options.onPhase(phase);
      lookAt = clock.now() + turn(LOOK_EVERY_MS, TURN_SHARE.look);
    }
    const ownProxy = services.some((service) => service.service === PROXY && service.status === 'running');
    const health = await options.probe(ownProxy);
    if (health.state === 'ready') return { end: 'ready', health };
    if (health.state === 'key-refused') return { end: 'key-refused' };
    if (health.state === 'other-program') {
      const { state: _, ...seen } = health;
      return { end: 'other-program', ...seen };
    }
    if (stuck.isOver(health, services)) return { end: 'stuck', health };
    if (clock.now() >= deadline) return { end: 'timeout', health, phase };
    await clock.sleep(turn(PROBE_EVERY_MS, TURN_SHARE.probe), signal);
  }
}

/** While no service is still starting, each probe with the same answer as the one before counts. */
function watchForSilence(clock: Clock) {
  let last: ProxyHealth['state'] | undefined;
  let since = 0;
  return {
    isOver(health: ProxyHealth, services: readonly ServiceState[]): health is StuckHealth {
      const isUp = services.every((service) => service.status === 'running' && service.health !== 'starting');
      const isSame = isUp && health.state === last;
      last = isUp ? health.state : undefined;
      if (!isSame) since = clock.now();
      return isStuck(health) && isSame && clock.now() - since >= PATIENCE_MS[health.state];
    },
  };
}

const isStuck = (health: ProxyHealth): health is StuckHealth => health.state in PATIENCE_MS;

function hasEnded({ status }: ServiceState): boolean {
  return status === 'exited' || status === 'dead' || status === 'restarting';
}

/**
 * What a container shows at first is no new failure: it was restarted before, or the gateway is unhealthy since its database
 * was stopped. A restart or a failed health check after that is one.
 */
function watchForTrouble() {
  const before = new Map<string, { readonly restarts: number; readonly sick: boolean }>();
  return {
    isNew({ id, restarts, health }: ServiceState): boolean {
      const sick = health === 'unhealthy';
      const known = before.get(id) ?? { restarts, sick };
      before.set(id, { restarts: known.restarts, sick: known.sick && sick });
      return restarts > known.restarts || (sick && !known.sick);
    },
  };
}

function phaseOf(
  services: readonly ServiceState[],
  { externalDatabase }: Pick<WaitOptions, 'externalDatabase'>,
): string {
  const database = services.find((service) => service.service === DATABASE);
  const proxy = services.find((service) => service.service === PROXY);
  const isUp = externalDatabase || (database?.status === 'running' && database.health !== 'starting');
  if (!isUp) return PHASE.database;
  if (proxy?.status !== 'running') return PHASE.proxy;
  return PHASE.migrations;
}
