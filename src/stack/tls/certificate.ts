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

export interface CertificatePaths {
  readonly certificate: string;
  readonly key: string;
}

/** Both files, which must be there; whether they are right is for `checkCertificate`. */
export async function readCertificate(files: Pick<Files, 'read'>, paths: CertificatePaths): Promise<KeyPair> {
  return {
    certificate: await readText(files, paths.certificate, 'certificate', '--tls-cert'),
    key: await readText(files, paths.key, 'private key', '--tls-key'),
  };
}

async function readText(files: Pick<Files, 'read'>, path: string, what: string, flag: string): Promise<string> {
  const text = await files.read(path, MOST_TEXT).catch((cause: unknown) => {
    throw new CliError('certificate_missing', `the ${what} ${path} cannot be read (${readProblem(cause)})`, {
      hint: `make it readable for you, or name another file: ${flag}`,
      details: { path },
      cause,
    });
  });
  if (text !== undefined) return text;
  throw new CliError('certificate_missing', `there is no ${what} ${path}`, {
    hint: `name the file: ${flag}, or have a certificate made: --self-signed`,
    details: { path },
  });
}

/** Refuses what clients would refuse. `paths` are for the errors. */
export function checkCertificate(
  { certificate, key }: KeyPair,
  paths: CertificatePaths,
  host: string,
  now: number,
): CertificateFacts {
  const found = parseCertificate(certificate, paths.certificate);
  if (!found.checkPrivateKey(parseKey(key, paths.key))) {
    throw new CliError('certificate_invalid', `${paths.key} is not the key of ${paths.certificate}`, {
      hint: 'name the two files that belong together; of a chain, the certificate of the server comes first',
      details: { ...paths },
    });
  }
  checkTime(found, paths.certificate, now);
  if (!isFor(found, host)) {
    const names = found.subjectAltName?.replaceAll(/DNS:|IP Address:/g, '') || found.subject;
    throw new CliError('certificate_other_host', `${paths.certificate} is for ${names}, and not for ${host}`, {
      hint: 'name the host that it is for: --host NAME, or take another certificate: --tls-cert',
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
    throw new CliError('certificate_expired', `${path} counts from ${day(validFrom)} on, and not yet`, {
      hint: "look at this machine's clock, or take another certificate",
      details: { path, validFrom: new Date(validFrom).toISOString() },
    });
  }
  if (now < Date.parse(validTo)) return;
  throw new CliError('certificate_expired', `${path} has expired on ${day(validTo)}`, {
    hint: 'renew it, and run the same command again',
    details: { path, validTo: new Date(validTo).toISOString() },
  });
}

const day = (time: string) => new Date(time).toISOString().slice(0, 10);

function parseCertificate(text: string, path: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw unreadable(path, 'it holds no certificate in PEM form', cause);
  }
}

function parseKey(text: string, path: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (cause) {
    const isLocked = /ENCRYPTED/.test(text);
    throw unreadable(path, isLocked ? 'its key has a passphrase' : 'it holds no private key in PEM form', cause);
  }
}

function unreadable(path: string, why: string, cause: unknown): CliError {
  return new CliError('certificate_invalid', `${path} cannot be used: ${why}`, {
    hint: why.includes('passphrase')
      ? `take the passphrase off: openssl pkey -in ${path} -out NEW.pem`
      : 'both files are PEM: text that begins with -----BEGIN',
    details: { path },
    cause,
  });
}
