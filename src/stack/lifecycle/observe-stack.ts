import type { Invocation } from '../../context/invocation.ts';
import { peerOf } from '../../litellm/peer-of.ts';
import { CliError } from '../../model/errors.ts';
import type { Outcome } from '../../model/report.ts';
import { DATABASE, endInWords, isLooping, PROXY, restartsInWords, type ServiceState } from '../../model/service.ts';
import { proxyUrl, publicUrl, type StackSpec, servicesOf } from '../../model/stack-spec.ts';
import { unpause } from '../../runtime/paused.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { countModels, type ProxyHealth, probeProxy, targetOf } from '../health/proxy-health.ts';
import { runtimeOf } from '../open/choose-runtime.ts';
import { openStack, type Stack } from '../open/open-stack.ts';
import { planSpec } from '../open/plan-spec.ts';
import { requireFreePorts } from '../startup/port-conflict.ts';
import { tlsWarnings, viewTls } from '../tls/tls-view.ts';
import type { ServiceView, StackCondition, StatusData } from './status-view.ts';

type Memory = Awaited<ReturnType<Runtime['memory']>>;

/** One look at the whole stack: its containers, and its proxy side by side. */
export async function observeStack(invocation: Invocation): Promise<Outcome<StatusData>> {
  const { context, settings } = invocation;
  const stack = await openStack(invocation);
  const endpoint = await stack.runtime.endpoint();
  const remembered = stack.state?.engine.endpoint ?? null;
  const { services, elsewhere } = await findServices(invocation, stack, endpoint);
  const published = services.find((service) => service.service === PROXY)?.published;
  const known = planSpec(settings.project, {}, {}, stack.state, stack.runtime.defaults);
  const spec = { ...known, ...published };
  const url = publicUrl(spec);
  const peer = peerOf(invocation, stack.runtime, spec, { seen: services, endpoint: stack.state?.engine.endpoint });
  const target = stack.secrets && targetOf(spec, stack.secrets.masterKey, peer);
  const isPaused = services.some(({ status }) => status === 'paused');
  const runs = services.some((service) => service.service === PROXY && service.status === 'running');
  const asked =
    target && runs && !isPaused
      ? Promise.all([
          probeProxy(context.http, target, context.signal, { atOnce: true }),
          countModels(context.http, target, context.signal),
        ])
      : ([undefined, null] as const);
  // While the proxy answers; and nothing that `status` could fail of.
  const measured = stack.runtime.memory(services).catch((): Memory => ({}));
  const [[health, models], memory] = await Promise.all([asked, measured]);
  const { state, reason } = conditionOf(services, health, elsewhere, stack, spec);
  const ready = health?.state === 'ready' ? health : undefined;
  const taken = stack.state && !runs && !isPaused ? await portWarning(invocation, stack.runtime, spec, services) : [];
  return {
    data: {
      project: settings.project,
      runtime: stack.runtime.kind,
      state,
      reason,
      url,
      localUrl: proxyUrl(spec),
      tls: viewTls(spec, invocation),
      uiUrl: `${url}/ui/`,
      version: ready?.version ?? null,
      database: ready ? 'connected' : health?.state === 'database-lost' ? 'disconnected' : null,
      models: ready ? models : null,
      keys: ready?.keys ?? null,
      engine: { endpoint, remembered },
      services: services.map((service) => viewOf(service, memory, context.clock.now())),
      pinnedImage: stack.runtime.defaults.image,
    },
    warnings: [
      ...(elsewhere ? [`the stack runs on ${remembered}; Docker now means ${endpoint}`] : []),
      ...tlsWarnings(spec, context.clock.now()),
      ...taken,
    ],
  };
}

/** A stack that does not run cannot be started while others have its port. */
async function portWarning(
  invocation: Invocation,
  runtime: Runtime,
  spec: StackSpec,
  services: readonly ServiceState[],
): Promise<string[]> {
  try {
    await requireFreePorts(invocation, runtime, spec, services);
    return [];
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'port_taken') throw error;
    return [error.message];
  }
}

/** On the engine that answers now, else on the one that the stack was made on. */
async function findServices(invocation: Invocation, { runtime, state }: Stack, endpoint: string) {
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

function conditionOf(
  services: readonly ServiceState[],
  health: ProxyHealth | undefined,
  elsewhere: boolean,
  { secrets }: Stack,
  spec: StackSpec,
): { state: StackCondition; reason: string | null } {
  const some = (test: (service: ServiceState) => boolean) => services.find(test);
  if (services.length === 0) return { state: 'not-created', reason: null };
  if (health?.state === 'ready') return { state: elsewhere ? 'ready-on-another-engine' : 'ready', reason: null };
  const paused = some(({ status }) => status === 'paused');
  if (paused) return { state: 'paused', reason: `${paused.service} is paused: ${unpause(paused)}` };
  if (health?.state === 'stranger' && health.error) return { state: 'unhealthy', reason: health.error.message };
  const looping = some(isLooping);
  if (looping) {
    return { state: 'restarting', reason: `${looping.service} ended ${restartsInWords(looping.restarts)}` };
  }
  if (services.every((service) => service.status === 'created'))
    return { state: 'created', reason: services[0]?.error || null };
  const stopped = some((service) => service.status === 'exited' || service.status === 'dead');
  if (services.every((service) => service.status !== 'running')) {
    const failed = some(({ error }) => error !== '');
    return { state: 'exited', reason: failed ? `${failed.service} ${endInWords(failed)}` : null };
  }
  if (stopped) return { state: 'unhealthy', reason: `${stopped.service} ${endInWords(stopped)}` };
  if (services.length < servicesOf(spec).length) return { state: 'unhealthy', reason: 'a service is missing' };
  const waiting = some((service) => service.status === 'created');
  if (waiting?.error) return { state: 'unhealthy', reason: waiting.error };
  if (!secrets) return { state: 'unhealthy', reason: 'its secrets are missing' };
  return unreadyCondition(services, health);
}

function unreadyCondition(services: readonly ServiceState[], health: ProxyHealth | undefined) {
  const unhealthy = (reason: string) => ({ state: 'unhealthy' as const, reason });
  switch (health?.state) {
    case 'database-lost':
      return unhealthy('the proxy has lost its database');
    case 'not-responding':
      return { state: 'not-responding' as const, reason: 'the gateway accepts connections but does not answer' };
    case 'tls-silent':
      return unhealthy(`the reverse proxy does not pass on to it (${health.code})`);
    case 'key-refused':
      return unhealthy('the proxy refuses the master key of this stack');
    case 'stranger':
      return unhealthy(`litellm does not answer as LiteLLM does: ${health.answer}`);
    default: {
      const sick = services.find((service) => service.health === 'unhealthy');
      if (sick) return unhealthy(`the health check of ${sick.service} fails`);
      const database = services.find((service) => service.service === DATABASE);
      return { state: 'starting' as const, reason: database?.health === 'starting' ? 'the database' : 'the proxy' };
    }
  }
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
