import type { Operation, Task, Workplace } from '../../context/invocation.ts';
import { peerOf } from '../../litellm/peer-of.ts';
import { CliError } from '../../model/errors.ts';
import type { Outcome } from '../../model/report.ts';
import { PROXY, type ServiceState } from '../../model/service.ts';
import { proxyUrl, publicUrl, type StackSpec } from '../../model/stack-spec.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { type DatabaseSize, parseSize, READ_SIZE } from '../data/database-size.ts';
import { countModels, type ProxyHealth, probeProxy, targetOf } from '../health/proxy-health.ts';
import { runtimeOf } from '../open/choose-runtime.ts';
import { openStack, type Stack } from '../open/open-stack.ts';
import { knownSpec } from '../open/plan-spec.ts';
import { requireFreePorts } from '../startup/port-conflict.ts';
import { tlsWarnings, viewTls } from '../tls/tls-view.ts';
import { conditionOf } from './stack-condition.ts';
import type { ServiceView, StatusData } from './stack-status.ts';

type Memory = Awaited<ReturnType<Runtime['memory']>>;

/** Reads the state of the whole stack once: its containers and its gateway at the same time. */
export async function observeStack(
  invocation: Operation,
  { sizes = false }: { readonly sizes?: boolean } = {},
): Promise<Outcome<StatusData>> {
  const { context, settings } = invocation;
  const stack = await openStack(invocation);
  const { runtime, state, secrets } = stack;
  const endpoint = await runtime.endpoint();
  const remembered = state?.engine.endpoint ?? null;
  const { services, elsewhere } = await findServices(invocation, stack, endpoint);
  const published = services.find(({ service }) => service === PROXY)?.published;
  const spec = { ...knownSpec(settings.project, state, runtime.defaults), ...published };
  const url = publicUrl(spec);
  // Never fails `status`, and runs while the gateway answers.
  const measured = runtime.memory(services).catch((): Memory => ({}));
  const [[health, models], memory] = await Promise.all([askGateway(invocation, stack, spec, services), measured]);
  const hasSecrets = secrets !== undefined;
  return {
    data: {
      project: settings.project,
      runtime: runtime.kind,
      ...conditionOf({ spec, services, health, elsewhere, hasSecrets }),
      url,
      localUrl: proxyUrl(spec),
      tls: viewTls(spec, invocation),
      uiUrl: `${url}/ui/`,
      ...reportOf(health, models),
      engine: { endpoint, remembered },
      services: services.map((service) => viewOf(service, memory, context.clock.now())),
      pinnedImage: runtime.defaults.image,
      databaseSize: sizes ? await sizeOf(runtime) : null,
      fastStart: spec.fastStart !== false,
    },
    warnings: [
      ...(elsewhere ? [`The stack is on ${remembered}, but Docker now uses ${endpoint}`] : []),
      ...tlsWarnings(spec, context.clock.now()),
      ...(state ? await portWarning(invocation, runtime, spec, services) : []),
    ],
  };
}

/** What the gateway reports about itself. */
function reportOf(
  health: ProxyHealth | undefined,
  models: number | null,
): Pick<StatusData, 'version' | 'database' | 'models' | 'keys'> {
  if (health?.state === 'ready') {
    return { version: health.version, database: 'connected', models, keys: health.keys };
  }
  const database = health?.state === 'database-lost' ? 'disconnected' : null;
  return { version: null, database, models: null, keys: null };
}

/** By a psql of its own, which takes as long as all the rest of `status`. */
async function sizeOf({ database }: Pick<Runtime, 'database'>): Promise<DatabaseSize | null> {
  try {
    return parseSize(await database.sql(READ_SIZE)) ?? null;
  } catch (error) {
    // Whatever keeps it from answering is told by the rest.
    if (error instanceof CliError) return null;
    throw error;
  }
}

/** The health of the gateway and the number of its models, when it runs. */
async function askGateway(
  invocation: Workplace,
  { runtime, secrets, state }: Stack,
  spec: StackSpec,
  services: readonly ServiceState[],
): Promise<readonly [ProxyHealth | undefined, number | null]> {
  const isRunning = services.some(({ service, status }) => service === PROXY && status === 'running');
  if (!secrets || !isRunning || isPaused(services)) return [undefined, null];
  const { http, signal } = invocation.context;
  const peer = peerOf(invocation, runtime, spec, { seen: services, endpoint: state?.engine.endpoint });
  const target = targetOf(spec, secrets.masterKey, peer);
  return Promise.all([probeProxy(http, target, signal, { atOnce: true }), countModels(http, target, signal)]);
}

const isPaused = (services: readonly ServiceState[]) => services.some(({ status }) => status === 'paused');

/** A stack that does not run cannot be started while another program has its port. */
async function portWarning(
  invocation: Pick<Operation, 'context'>,
  runtime: Runtime,
  spec: StackSpec,
  services: readonly ServiceState[],
): Promise<string[]> {
  const isRunning = services.some(({ service, status }) => service === PROXY && status === 'running');
  if (isRunning || isPaused(services)) return [];
  try {
    await requireFreePorts(invocation, runtime, spec, services);
    return [];
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'port_taken') throw error;
    return [error.message];
  }
}

/** The services on the engine that answers now, else on the one where the stack was created. */
async function findServices(invocation: Task, { runtime, state }: Stack, endpoint: string) {
  const isHome = !state || state.engine.endpoint === endpoint;
  let unreachable: unknown;
  const services = await runtime.services().catch((error: unknown) => {
    if (isHome || !(error instanceof CliError)) throw error;
    unreachable = error;
    return [];
  });
  if (isHome || services.length > 0) return { services, elsewhere: false };
  const there = await runtimeOf(invocation, 'docker', { endpoint: state.engine.endpoint })
    .services()
    .catch((error: unknown) => {
      if (unreachable) throw unreachable;
      if (error instanceof CliError) return [];
      throw error;
    });
  return { services: there, elsewhere: there.length > 0 };
}

function viewOf(service: ServiceState, memory: Memory, now: number): ServiceView {
  const { status, startedAt } = service;
  return {
    service: service.service,
    status,
    health: service.health,
    restarts: service.restarts,
    uptimeMs: status === 'running' && startedAt !== null ? Math.max(0, now - startedAt) : null,
    memoryBytes: memory[service.service] ?? null,
    image: service.image,
    version: service.version,
    id: service.id.slice(0, 12),
  };
}
