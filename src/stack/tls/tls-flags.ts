import { CliError } from '../../model/errors.ts';
import type { ReverseProxy } from '../../model/stack-spec.ts';

/** What `up` is told of the reverse proxy with TLS; all of it is remembered. */
export interface TlsFlags {
  readonly tls?: ReverseProxy | 'off';
  readonly host?: string;
  readonly httpsPort?: number;
  readonly httpPort?: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly selfSigned?: boolean;
  readonly tlsImage?: string;
}

export function tlsNeeds(flag: string, hint: string): never {
  throw new CliError('usage', `--tls needs ${flag}`, { hint });
}
