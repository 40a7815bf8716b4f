import { join, resolve } from 'node:path';
import type { Operation, Workplace } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import type { TlsSpec } from '../../model/stack-spec.ts';
import {
  type CertificateFacts,
  type CertificatePaths,
  checkCertificate,
  type KeyPair,
  RENEWAL_MS,
  readCertificate,
} from './certificate.ts';
import { type TlsFlags, tlsNeeds } from './tls-flags.ts';

export interface ChosenCertificate extends CertificateFacts {
  readonly pair: KeyPair;
  /** Missing when it is self-signed. */
  readonly source: TlsSpec['source'];
}

/** The certificate that the flags name, else the one of the stack, read again; checked in either case. */
export async function chooseCertificate(
  flags: TlsFlags,
  invocation: Workplace,
  before: TlsSpec | undefined,
  host: string,
): Promise<ChosenCertificate> {
  const { files, clock } = invocation.context;
  const source = sourceOf(flags, before, invocation);
  const isOwn = before?.source === undefined;
  const pair = source ? await readCertificate(files, source) : await ownPair(invocation, host, isOwn);
  const facts = checkCertificate(pair, source ?? ownPaths(invocation), host, clock.now());
  return { ...facts, pair, source };
}

const ownPaths = ({ settings }: Pick<Operation, 'settings'>): CertificatePaths => ({
  certificate: join(settings.paths.tls, 'cert.pem'),
  key: join(settings.paths.tls, 'key.pem'),
});

function sourceOf(
  flags: TlsFlags,
  before: TlsSpec | undefined,
  { context }: Pick<Operation, 'context'>,
): TlsSpec['source'] {
  if (flags.selfSigned) return undefined;
  const { tlsCert, tlsKey } = flags;
  if (tlsCert === undefined && tlsKey === undefined) {
    return before
      ? before.source
      : tlsNeeds(
          '--tls-cert',
          'Name a certificate: --tls-cert PATH --tls-key PATH\nOr use a self-signed one: --self-signed',
        );
  }
  if (tlsKey === undefined) return tlsNeeds('--tls-key', 'Name the private key of the certificate: --tls-key PATH');
  if (tlsCert === undefined) return tlsNeeds('--tls-cert', 'Name the certificate of the private key: --tls-cert PATH');
  return { certificate: resolve(context.cwd, tlsCert), key: resolve(context.cwd, tlsKey) };
}

/** The self-signed certificate of the stack, or a new one when it is for another host or near its end. */
async function ownPair(invocation: Workplace, host: string, isOwn: boolean): Promise<KeyPair> {
  const { files, clock, randomBytes } = invocation.context;
  const paths = ownPaths(invocation);
  const [certificate, key] = await Promise.all([files.read(paths.certificate), files.read(paths.key)]);
  const kept = isOwn && certificate !== undefined && key !== undefined ? { certificate, key } : undefined;
  try {
    if (kept) checkCertificate(kept, paths, host, clock.now() + RENEWAL_MS);
    if (kept) return kept;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
  }
  // Loaded for a new certificate alone: the library is large.
  const { selfSigned } = await import('./self-signed.ts');
  return selfSigned(host, clock.now(), randomBytes(16));
}
