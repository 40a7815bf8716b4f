import * as z from 'zod/mini';
import { killedForMemory } from '../../../model/memory-limit.ts';
import {
  ALL_SERVICES,
  REVERSE_PROXY,
  type ServiceHealth,
  type ServiceName,
  type ServiceState,
  type ServiceStatus,
} from '../../../model/service.ts';

const text = z.catch(z.string(), '');
const number = z.catch(z.number(), 0);
const Binding = z.object({ HostIp: text, HostPort: text });
const Mount = z.object({ Type: text, Name: text, Source: text, Destination: text });

/** The part of `docker inspect` that is used here; anything but the id and the state may be missing. */
export const Container = z.object({
  Id: z.string(),
  Name: text,
  Created: text,
  RestartCount: number,
  State: z.object({
    Status: z.string(),
    ExitCode: number,
    Error: text,
    OOMKilled: z.catch(z.boolean(), false),
    StartedAt: text,
    Health: z.nullish(z.object({ Status: text })),
  }),
  Config: z.object({
    Image: text,
    Env: z.catch(z.array(z.string()), []),
    Labels: z.catch(z.record(z.string(), z.string()), {}),
  }),
  Mounts: z.catch(z.array(Mount), []),
  HostConfig: z.object({
    Memory: number,
    PortBindings: z.catch(z.record(z.string(), z.nullish(z.array(Binding))), {}),
  }),
});
export type Container = z.infer<typeof Container>;

const STATUSES: readonly string[] = [
  'created',
  'running',
  'restarting',
  'paused',
  'exited',
  'dead',
  'removing',
] satisfies ServiceStatus[];
const HEALTHS: readonly string[] = ['none', 'starting', 'healthy', 'unhealthy'] satisfies ServiceHealth[];

export function containerName({ Name }: Container): string {
  return Name.replace(/^\//, '');
}

export function projectOf({ Config }: Container): string | undefined {
  return Config.Labels['com.docker.compose.project'];
}

/** `container web (project shop)` */
export function describeContainer(container: Container): string {
  const project = projectOf(container);
  return `container ${containerName(container)}${project === undefined ? '' : ` (project ${project})`}`;
}

/** The service that a container stands for; undefined for `compose run` containers and for services that are not ours. */
function serviceOf({ Config: { Labels } }: Container): ServiceName | undefined {
  if (Labels['com.docker.compose.oneoff'] === 'True') return undefined;
  return ALL_SERVICES.find((service) => service === Labels['com.docker.compose.service']);
}

/** While a container is replaced, there are two: the running one counts, otherwise the newer one. */
export function serviceContainer(containers: readonly Container[], service: ServiceName): Container | undefined {
  const rank = (container: Container) => `${container.State.Status === 'running' ? 1 : 0} ${container.Created}`;
  const candidates = containers.filter((container) => serviceOf(container) === service);
  return candidates.sort((a, b) => (rank(a) < rank(b) ? 1 : -1))[0];
}

/** The state of each service, in starting order. */
export function serviceStates(containers: readonly Container[]): ServiceState[] {
  return ALL_SERVICES.flatMap((service) => {
    const container = serviceContainer(containers, service);
    return container ? [serviceState(service, container)] : [];
  });
}

export function serviceState(service: ServiceName, container: Container): ServiceState {
  const { State, Config } = container;
  const startedAt = Date.parse(State.StartedAt);
  const ports = bindingsOf(container).map(({ HostPort }) => Number(HostPort));
  const revision = Config.Labels['agents-llm.revision'];
  const corsOrigins = valueIn(Config.Env, 'LITELLM_CORS_ORIGINS');
  return {
    service,
    id: container.Id,
    status: statusOf(State.Status),
    health: healthOf(State),
    restarts: container.RestartCount,
    exitCode: State.ExitCode,
    error: State.Error || outOfMemory(container),
    // The engine's zero time, 0001-01-01, is before the epoch.
    startedAt: startedAt > 0 ? startedAt : null,
    image: Config.Image,
    version: versionOf(Config.Env, Config.Image),
    published: publishedOf(service, container),
    ...(ports.length > 1 ? { ports } : {}),
    ...(revision === undefined ? {} : { revision }),
    ...(corsOrigins === undefined ? {} : { corsOrigins }),
    ...(container.Name === '' ? {} : { container: containerName(container) }),
  };
}

/** The engine keeps the flag until the container starts again. */
function outOfMemory({ State, HostConfig }: Container): string {
  return State.OOMKilled && State.Status !== 'running' ? killedForMemory(HostConfig.Memory) : '';
}

/** The engine keeps the last health of a stopped container, which says nothing about now. */
function healthOf({ Status, Health }: Container['State']): ServiceHealth {
  const isKnown = Status === 'running' && HEALTHS.includes(Health?.Status ?? '');
  return isKnown ? (Health?.Status as ServiceHealth) : 'none';
}

function statusOf(status: string): ServiceStatus {
  if (STATUSES.includes(status)) return status as ServiceStatus;
  // Podman has other names.
  return status === 'stopped' ? 'exited' : 'created';
}

/** `PG_VERSION` in the environment, otherwise the first version number in the image's tag. */
function versionOf(env: readonly string[], image: string): string | null {
  const declared = valueIn(env, 'PG_VERSION');
  if (declared) return declared;
  const tag = /:([^:/]+)$/.exec(image.replace(/@.*$/s, ''))?.[1] ?? '';
  return /(?:^|[-_])v?(\d+(?:\.\d+)+[\da-z.]*|\d+)(?![\da-z.])/.exec(tag)?.[1] ?? null;
}

function valueIn(env: readonly string[], name: string): string | undefined {
  return env.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}

function bindingsOf({ HostConfig }: Container) {
  return Object.values(HostConfig.PortBindings).flatMap((bindings) => bindings ?? []);
}

/** The published port; the one of HTTPS if a service has several. */
function publishedOf(service: ServiceName, container: Container): ServiceState['published'] {
  const main = service === REVERSE_PROXY ? container.HostConfig.PortBindings['8443/tcp']?.[0] : undefined;
  const binding = main ?? bindingsOf(container)[0];
  if (!binding || !(Number(binding.HostPort) > 0)) return null;
  return { bind: binding.HostIp || '0.0.0.0', port: Number(binding.HostPort) };
}
