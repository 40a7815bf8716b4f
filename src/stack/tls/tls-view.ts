import { join } from 'node:path';
import type { Invocation } from '../../context/invocation.ts';
import type { StackSpec } from '../../model/stack-spec.ts';

/** What is shown of a reverse proxy with TLS. */
export interface TlsView {
  readonly proxy: string;
  readonly host: string;
  /** The file that clients can be given to trust, when it is self-signed. */
  readonly certificate: string;
  readonly selfSigned: boolean;
  /** In RFC 3339. */
  readonly expires: string;
}

const DAY_MS = 24 * 3600 * 1000;
const WARN_DAYS = 14;

export function viewTls({ tls }: StackSpec, { settings }: Pick<Invocation, 'settings'>): TlsView | null {
  if (!tls) return null;
  const { proxy, host, source, expires } = tls;
  return { proxy, host, certificate: join(settings.paths.tls, 'cert.pem'), selfSigned: source === undefined, expires };
}

/** What is to be said of its certificate before it is too late. `now` is in milliseconds since the epoch. */
export function tlsWarnings({ tls }: StackSpec, now: number): string[] {
  if (!tls) return [];
  const days = Math.floor((Date.parse(tls.expires) - now) / DAY_MS);
  if (days >= WARN_DAYS) return [];
  const when = days < 0 ? 'has expired' : `expires in ${days} ${days === 1 ? 'day' : 'days'}`;
  const next = tls.source ? `renew ${tls.source.certificate}, then run up again` : 'run up, which makes another';
  return [`the certificate of ${tls.host} ${when}: ${next}`];
}

/** `self-signed, until 2028-01-31` */
export function describeCertificate({ selfSigned, certificate, expires }: TlsView): string {
  return `${selfSigned ? `self-signed, ${certificate}` : certificate}, until ${expires.slice(0, 10)}`;
}
