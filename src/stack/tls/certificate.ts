import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isIPv4 } from 'node:net';
import type { Files } from '../../io/files/files.ts';
import { MOST_TEXT, readProblem } from '../../io/files/regular-file.ts';
import { CliError } from '../../model/errors.ts';

/** A certificate and its private key, as PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** What is known of a certificate that can be used. */
export interface CertificateFacts {
  /** SHA-256, as OpenSSL writes it. */
  readonly fingerprint: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/** How long before its expiry a self-signed certificate is replaced, and a warning shown for any other. */
export const RENEWAL_MS = 30 * 24 * 3600 * 1000;

export interface CertificatePaths {
  readonly certificate: string;
  readonly key: string;
}

/** Reads both files, which must exist; `checkCertificate` judges what is in them. */
export async function readCertificate(files: Pick<Files, 'read'>, paths: CertificatePaths): Promise<KeyPair> {
  return {
    certificate: await readText(files, paths.certificate, 'Certificate', '--tls-cert PATH'),
    key: await readText(files, paths.key, 'Private key', '--tls-key PATH'),
  };
}

async function readText(files: Pick<Files, 'read'>, path: string, what: string, flag: string): Promise<string> {
  const text = await files.read(path, MOST_TEXT).catch((cause: unknown) => {
    throw new CliError('certificate_missing', `Cannot read the ${what.toLowerCase()} ${path} (${readProblem(cause)})`, {
      hint: `Make the file readable for your user\nOr name another file: ${flag}`,
      details: { path },
      cause,
    });
  });
  if (text !== undefined) return text;
  throw new CliError('certificate_missing', `${what} ${path} not found`, {
    hint: `Name the file: ${flag}\nOr use a self-signed certificate: --self-signed`,
    details: { path },
  });
}

/** Refuses what clients would refuse. `paths` are named in the errors. */
export function checkCertificate(
  { certificate, key }: KeyPair,
  paths: CertificatePaths,
  host: string,
  now: number,
): CertificateFacts {
  const found = parseCertificate(certificate, paths.certificate);
  if (!found.checkPrivateKey(parseKey(key, paths.key))) {
    throw new CliError('certificate_invalid', `${paths.key} is not the private key of ${paths.certificate}`, {
      hint: 'Name the two files that belong together. In a chain, the certificate of the server comes first',
      details: { ...paths },
    });
  }
  checkTime(found, paths.certificate, now);
  if (!isFor(found, host)) {
    const names = found.subjectAltName?.replaceAll(/DNS:|IP Address:/g, '') || found.subject;
    throw new CliError('certificate_other_host', `${paths.certificate} is valid for ${names} but not for ${host}`, {
      hint: 'Name the host that it is valid for: --host NAME\nOr use another certificate: --tls-cert PATH',
      details: { path: paths.certificate, names, host },
    });
  }
  return { fingerprint: found.fingerprint256, expires: Date.parse(found.validTo) };
}

function isFor(certificate: X509Certificate, host: string): boolean {
  const matched = isIPv4(host) ? certificate.checkIP(host) : certificate.checkHost(host, { subject: 'never' });
  return matched !== undefined;
}

function checkTime({ validFrom, validTo }: X509Certificate, path: string, now: number): void {
  if (now < Date.parse(validFrom)) {
    throw new CliError('certificate_expired', `${path} is not valid before ${day(validFrom)}`, {
      hint: 'Check the clock of this machine\nOr use another certificate: --tls-cert PATH',
      details: { path, validFrom: new Date(validFrom).toISOString() },
    });
  }
  if (now < Date.parse(validTo)) return;
  throw new CliError('certificate_expired', `${path} expired on ${day(validTo)}`, {
    hint: 'Renew the certificate, then run the same command again',
    details: { path, validTo: new Date(validTo).toISOString() },
  });
}

const day = (time: string) => new Date(time).toISOString().slice(0, 10);

function parseCertificate(text: string, path: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw unreadable(path, 'it contains no certificate in PEM format', cause);
  }
}

function parseKey(text: string, path: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (cause) {
    const isLocked = /ENCRYPTED/.test(text);
    throw unreadable(path, isLocked ? 'its key has a passphrase' : 'it contains no private key in PEM format', cause);
  }
}

function unreadable(path: string, why: string, cause: unknown): CliError {
  return new CliError('certificate_invalid', `Cannot use ${path}: ${why}`, {
    hint: why.includes('passphrase')
      ? `Remove the passphrase: openssl pkey -in ${path} -out NEW.pem`
      : 'Name a file in PEM format: text that begins with -----BEGIN',
    details: { path },
    cause,
  });
}
