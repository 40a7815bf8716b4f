import { CliError } from '../../model/errors.ts';
import type { ReverseProxy } from '../../model/stack-spec.ts';

/** The flags of `up` for HTTPS, which are all remembered. */
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
