import type { LitellmSpec } from './litellm-files.ts';
import { ALL_SERVICES, DATABASE, PROXY, REVERSE_PROXY, type ServiceName } from './service.ts';

export const REVERSE_PROXIES = ['nginx', 'traefik'] as const;

export type ReverseProxy = (typeof REVERSE_PROXIES)[number];

/** The HTTPS reverse proxy in front of LiteLLM. */
export interface TlsSpec {
  readonly proxy: ReverseProxy;
  /** The name that clients use and the certificate is for. */
  readonly host: string;
  readonly bind: string;
  readonly httpsPort: number;
  /** Redirects to the other. */
  readonly httpPort: number;
  readonly image: string;
  /** Where the certificate and its key come from; missing if it is self-signed. */
  readonly source?: { readonly certificate: string; readonly key: string } | undefined;
  /** When the certificate expires, in RFC 3339. */
  readonly expires: string;
  /** SHA-256 of the served certificate, in the format of `X509Certificate.fingerprint256`. */
  readonly fingerprint: string;
  /** Changes if its container must be recreated. */
  readonly revision: string;
}

/** The wanted stack, without its secrets. */
export interface StackSpec {
  readonly project: string;
  /** With TLS, the HTTP port is only published on loopback. */
  readonly bind: string;
  readonly port: number;
  readonly image: string;
  readonly databaseImage: string;
  readonly tls?: TlsSpec | undefined;
  /** The data is in an external PostgreSQL database, whose URL is one of the secrets. */
  readonly externalDatabase?: true | undefined;
  /** Origins, besides the gateway's own, whose web pages may read its responses. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** False to start LiteLLM with its own entry point instead of ours. */
  readonly fastStart?: false | undefined;
  /** The memory limit of the gateway, in bytes; under Docker only, `DEFAULT_MEMORY` if undefined. */
  readonly memory?: number | undefined;
  /** LiteLLM's own configuration. */
  readonly litellm?: LitellmSpec | undefined;
}

export function imageOf(spec: StackSpec, service: ServiceName): string | undefined {
  return { [PROXY]: spec.image, [DATABASE]: spec.databaseImage, [REVERSE_PROXY]: spec.tls?.image }[service];
}

/** A port that a stack uses on this host, and the flag that changes it. */
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

/** The services of a stack, in starting order. */
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

/** The address at which this host reaches a service bound to `bind`. */
export function reachableHost(bind: string): string {
  return bind === '0.0.0.0' ? '127.0.0.1' : bind;
}

/** The HTTP address of the gateway on this machine, with or without TLS in front of it. */
export function proxyUrl(spec: Pick<StackSpec, 'bind' | 'port'>): string {
  return `http://${reachableHost(spec.bind)}:${spec.port}`;
}

/** The address for all clients: HTTPS if there is a reverse proxy. */
export function publicUrl(spec: Pick<StackSpec, 'bind' | 'port' | 'tls'>): string {
  if (!spec.tls) return proxyUrl(spec);
  const { host, httpsPort } = spec.tls;
  return `https://${host}${httpsPort === 443 ? '' : `:${httpsPort}`}`;
}
