import type { LitellmSpec } from './litellm-files.ts';
import { ALL_SERVICES, DATABASE, PROXY, REVERSE_PROXY, type ServiceName } from './service.ts';

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
  /** Changes whenever its container must be recreated. */
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
  /** False: LiteLLM is started as its image or package does it, without our entry point. */
  readonly fastStart?: false | undefined;
  /** LiteLLM's own configuration, which it is started with. */
  readonly litellm?: LitellmSpec | undefined;
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
