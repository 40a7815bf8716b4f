/** The two services of every stack, by their names in `docker-compose.yml`, in the order in which they start. */
export const SERVICES = ['litellm-db', 'litellm'] as const;

export type BaseService = (typeof SERVICES)[number];

/** With the reverse proxy that an overlay in `templates/` adds. */
export const ALL_SERVICES = [...SERVICES, 'litellm-tls'] as const;

export type ServiceName = (typeof ALL_SERVICES)[number];

export const DATABASE = 'litellm-db' satisfies ServiceName;

export const PROXY = 'litellm' satisfies ServiceName;

export const REVERSE_PROXY = 'litellm-tls' satisfies ServiceName;

export type ServiceStatus = 'created' | 'running' | 'restarting' | 'paused' | 'exited' | 'dead' | 'removing';

export type ServiceHealth = 'none' | 'starting' | 'healthy' | 'unhealthy';

/** One service as its runtime sees it, at one moment. */
export interface ServiceState {
  readonly service: ServiceName;
  /** The container's id, or the process id of a native service. */
  readonly id: string;
  readonly status: ServiceStatus;
  readonly health: ServiceHealth;
  /** Automatic restarts since it was last started on purpose. */
  readonly restarts: number;
  readonly exitCode: number;
  /** What the runtime says went wrong at the last start; empty when nothing did. */
  readonly error: string;
  /** Milliseconds since the epoch, or null when it has never run. */
  readonly startedAt: number | null;
  readonly image: string;
  /** The version that the image names, by its environment or its tag; null when it names none. */
  readonly version: string | null;
  /** The address and port on the host, or null when nothing is published. */
  readonly published: { readonly bind: string; readonly port: number } | null;
  /** All its ports on the host, where there are several. */
  readonly ports?: readonly number[] | undefined;
  /** Of what it was made from, so that a change of that is seen; of old versions' services there is none. */
  readonly revision?: string | undefined;
  /** An earlier version of this package has started it, in a way that is no longer safe: `up` starts it again. */
  readonly outdated?: true | undefined;
  /** The proxy's `LITELLM_CORS_ORIGINS`; without it web pages of all origins can read its answers. */
  readonly corsOrigins?: string | undefined;
  /** What Docker calls its container. */
  readonly container?: string | undefined;
}

/** Whether a service was ended on purpose: one that fails is started again, or ends with a code of its own. */
export function wasStopped({ status, exitCode }: Pick<ServiceState, 'status' | 'exitCode'>): boolean {
  return status === 'created' || (status === 'exited' && STOPPED.includes(exitCode));
}

/** Well, or by SIGKILL or SIGTERM. */
const STOPPED = [0, 137, 143];

/** How a service that has ended did so, to follow on its name; what its runtime says of it is the better word. */
export function endInWords({ error, exitCode }: Pick<ServiceState, 'error' | 'exitCode'>): string {
  return error === '' ? `exited with code ${exitCode}` : `failed: ${error}`;
}

/** What follows on "it ended": `and was restarted 2 times`. */
export function restartsInWords(restarts: number): string {
  if (restarts === 0) return 'and is about to be restarted';
  return `and was restarted ${restarts === 1 ? 'once' : `${restarts} times`}`;
}

/** How the services are run. */
export const RUNTIMES = ['docker', 'native'] as const;

export type RuntimeKind = (typeof RUNTIMES)[number];

export interface LogLine {
  readonly service: ServiceName;
  readonly stream: 'stdout' | 'stderr';
  /** RFC 3339 with nanoseconds, as the engine gives it. */
  readonly time: string;
  readonly text: string;
}

export interface LogQuery {
  readonly services: readonly ServiceName[];
  readonly follow: boolean;
  /** Last lines of each service; all of them when undefined. */
  readonly tail?: number;
  /** A duration back from now (`10m`) or an RFC 3339 time. */
  readonly since?: string;
}

/** Between two ends, what is restarted again and again runs for a moment. */
export function isLooping({ status, restarts, health }: ServiceState): boolean {
  return status === 'restarting' || (status === 'running' && restarts > 0 && health !== 'healthy');
}
