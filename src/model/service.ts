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

/** The state of a service, as its runtime reports it. */
export interface ServiceState {
  readonly service: ServiceName;
  /** The container's id, or the process id of a native service. */
  readonly id: string;
  readonly status: ServiceStatus;
  readonly health: ServiceHealth;
  /** Automatic restarts since it was last started by a command. */
  readonly restarts: number;
  readonly exitCode: number;
  /** The runtime's error of the last start; empty if there was none. */
  readonly error: string;
  /** Milliseconds since the epoch, or null if it has never run. */
  readonly startedAt: number | null;
  readonly image: string;
  /** The version from the image's environment or tag; null if there is none. */
  readonly version: string | null;
  /** The address and port on the host, or null if nothing is published. */
  readonly published: { readonly bind: string; readonly port: number } | null;
  /** All its ports on the host, if there are several. */
  readonly ports?: readonly number[] | undefined;
  /** Identifies the settings it was created from, so that changes are detected; missing for services of old versions. */
  readonly revision?: string | undefined;
  /** An earlier version of agents-llm started it in a way that is no longer safe, so `up` restarts it. */
  readonly outdated?: true | undefined;
  /** The gateway's `LITELLM_CORS_ORIGINS`; without it, web pages of all origins can read its responses. */
  readonly corsOrigins?: string | undefined;
  /** The name of its container. */
  readonly container?: string | undefined;
}

/** Whether a service was stopped by a command. One that fails is restarted or exits with another code. */
export function wasStopped({ status, exitCode }: Pick<ServiceState, 'status' | 'exitCode'>): boolean {
  return status === 'created' || (status === 'exited' && STOPPED.includes(exitCode));
}

/** Success, SIGKILL and SIGTERM. */
const STOPPED = [0, 137, 143];

/** How a service ended, to follow its name. Prefers the error that its runtime reports. */
export function endInWords({ error, exitCode }: Pick<ServiceState, 'error' | 'exitCode'>): string {
  return error === '' ? `exited with code ${exitCode}` : `failed: ${error}`;
}

/** Continues "it ended": `and was restarted 2 times`. */
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
  /** RFC 3339 with nanoseconds, as in the engine's logs. */
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

/** Whether a service keeps being restarted: it may be running for a moment between two failures. */
export function isLooping({ status, restarts, health }: ServiceState): boolean {
  return status === 'restarting' || (status === 'running' && restarts > 0 && health !== 'healthy');
}
