/** The two services of the stack, by their names in `docker-compose.yml`, in the order in which they start. */
export const SERVICES = ['litellm-db', 'litellm'] as const;
export type ServiceName = (typeof SERVICES)[number];
export const DATABASE: ServiceName = 'litellm-db';
export const PROXY: ServiceName = 'litellm';

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
}

/** Whether a service was ended on purpose: one that fails is started again, or ends with a code of its own. */
export function wasStopped({ status, exitCode }: Pick<ServiceState, 'status' | 'exitCode'>): boolean {
  return status === 'created' || (status === 'exited' && STOPPED.includes(exitCode));
}

/** Well, or by SIGKILL or SIGTERM. */
const STOPPED = [0, 137, 143];

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

/** What a stack is to be: everything but its secrets. */
export interface StackSpec {
  readonly project: string;
  readonly bind: string;
  readonly port: number;
  readonly image: string;
  readonly databaseImage: string;
}

export const DEFAULT_IMAGE = 'ghcr.io/berriai/litellm:v1.108.11';
export const DEFAULT_DATABASE_IMAGE = 'postgres:16-alpine';
export const DEFAULT_PORT = 4000;
export const DEFAULT_BIND = '127.0.0.1';
export const DEFAULT_PROJECT = 'agents-llm';

/** The address at which this host reaches what is bound to `bind`. */
function reachableHost(bind: string): string {
  return bind === '0.0.0.0' ? '127.0.0.1' : bind;
}

export function proxyUrl(spec: Pick<StackSpec, 'bind' | 'port'>): string {
  return `http://${reachableHost(spec.bind)}:${spec.port}`;
}
