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
  return error === '' ? `ended with exit code ${exitCode}` : `failed: ${error}`;
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

export const REVERSE_PROXIES = ['nginx', 'traefik'] as const;
export type ReverseProxy = (typeof REVERSE_PROXIES)[number];

/** The reverse proxy with TLS before LiteLLM. */
export interface TlsSpec {
  readonly proxy: ReverseProxy;
  /** The name that clients use and the certificate is for. */
  readonly host: string;
  readonly bind: string;
  readonly httpsPort: number;
  /** Redirects to the other. */
  readonly httpPort: number;
  readonly image: string;
  /** Where the certificate and its key come from; missing when it is self-signed. */
  readonly source?: { readonly certificate: string; readonly key: string } | undefined;
  /** When the certificate expires, in RFC 3339. */
  readonly expires: string;
  /** SHA-256 of the certificate that is served, as `X509Certificate.fingerprint256` gives it. */
  readonly fingerprint: string;
  /** Another text whenever its container must be made anew. */
  readonly revision: string;
}

/** What a stack is to be: everything but its secrets. */
export interface StackSpec {
  readonly project: string;
  /** With TLS the plain port is on loopback alone. */
  readonly bind: string;
  readonly port: number;
  readonly image: string;
  readonly databaseImage: string;
  readonly tls?: TlsSpec | undefined;
  /** The data is in a PostgreSQL that is not the stack's own; its URL is among the secrets. */
  readonly externalDatabase?: true | undefined;
  /** Other origins than the gateway's own whose web pages may read its answers. */
  readonly corsOrigins?: readonly string[] | undefined;
}

export function imageOf(spec: StackSpec, service: ServiceName): string | undefined {
  return { [PROXY]: spec.image, [DATABASE]: spec.databaseImage, [REVERSE_PROXY]: spec.tls?.image }[service];
}

/** A port that a stack takes on this host, and the flag that gives it another. */
export interface WantedPort {
  readonly bind: string;
  readonly port: number;
  readonly flag: '--port' | '--https-port' | '--http-port';
}

export function portsOf({ bind, port, tls }: Pick<StackSpec, 'bind' | 'port' | 'tls'>): readonly WantedPort[] {
  const plain = { bind, port, flag: '--port' } as const;
  if (!tls) return [plain];
  const { httpsPort, httpPort } = tls;
  return [
    plain,
    { bind: tls.bind, port: httpsPort, flag: '--https-port' },
    { bind: tls.bind, port: httpPort, flag: '--http-port' },
  ];
}

/** The services that a stack consists of, in the order in which they start. */
export function servicesOf({
  tls,
  externalDatabase,
}: Pick<StackSpec, 'tls' | 'externalDatabase'>): readonly ServiceName[] {
  return ALL_SERVICES.filter((service) => {
    if (service === DATABASE) return !externalDatabase;
    return service === PROXY || tls !== undefined;
  });
}

export const DEFAULT_IMAGE = 'ghcr.io/berriai/litellm:v1.108.11';
export const DEFAULT_DATABASE_IMAGE = 'postgres:16-alpine';
export const DEFAULT_PORT = 4000;
export const DEFAULT_BIND = '127.0.0.1';
export const DEFAULT_PROJECT = 'agents-llm';

/** The address at which this host reaches what is bound to `bind`. */
export function reachableHost(bind: string): string {
  return bind === '0.0.0.0' ? '127.0.0.1' : bind;
}

/** Where this machine reaches the proxy, whether TLS is before it or not. */
export function proxyUrl(spec: Pick<StackSpec, 'bind' | 'port'>): string {
  return `http://${reachableHost(spec.bind)}:${spec.port}`;
}

/** Where everybody else reaches it. */
export function publicUrl(spec: Pick<StackSpec, 'bind' | 'port' | 'tls'>): string {
  if (!spec.tls) return proxyUrl(spec);
  const { host, httpsPort } = spec.tls;
  return `https://${host}${httpsPort === 443 ? '' : `:${httpsPort}`}`;
}
