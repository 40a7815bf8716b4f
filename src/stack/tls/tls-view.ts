import { join } from 'node:path';
import type { Operation } from '../../context/invocation.ts';
import { commandLine } from '../../model/settings.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { RENEWAL_MS } from './certificate.ts';

/** The HTTPS settings in the output of `up` and `status`. */
export interface TlsView {
  readonly proxy: string;
  readonly host: string;
  /** Clients can be given this file to trust when it is self-signed. */
  readonly certificate: string;
  readonly selfSigned: boolean;
  /** RFC 3339. */
  readonly expires: string;
}

const DAY_MS = 24 * 3600 * 1000;

export function viewTls({ tls }: StackSpec, { settings }: Pick<Operation, 'settings'>): TlsView | null {
  if (!tls) return null;
  const { proxy, host, source, expires } = tls;
  return { proxy, host, certificate: join(settings.paths.tls, 'cert.pem'), selfSigned: source === undefined, expires };
}

/** Warns about a certificate that expires soon. `now` is in milliseconds since the epoch. */
export function tlsWarnings({ tls, project }: StackSpec, now: number): string[] {
  const left = tls ? Date.parse(tls.expires) - now : Number.POSITIVE_INFINITY;
  if (!tls || left > RENEWAL_MS) return [];
  const days = Math.floor(left / DAY_MS);
  const when = days < 0 ? 'has expired' : `expires in ${days} ${days === 1 ? 'day' : 'days'}`;
  const up = commandLine(project, 'up');
  const next = tls.source ? `Renew ${tls.source.certificate}, then run ${up}` : `Run ${up} to replace it`;
  return [`The certificate of ${tls.host} ${when}. ${next}`];
}

/** `self-signed, until 2028-01-31` */
export function describeCertificate({ selfSigned, certificate, expires }: TlsView): string {
  return `${selfSigned ? `self-signed, ${certificate}` : certificate}, until ${expires.slice(0, 10)}`;
}
