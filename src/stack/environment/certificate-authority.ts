import { X509Certificate } from 'node:crypto';
import { MOST_TEXT, readProblem } from '../../io/files/regular-file.ts';
import { CliError } from '../../model/errors.ts';
import { AUTHORITY, type GatewayVariable, type VariableSource } from '../../model/gateway-environment.ts';
import { Secret } from '../../model/secret.ts';
import { MOST_BYTES, type Sources } from './variable-values.ts';

const SOON_MS = 30 * 24 * 3600 * 1000;

interface Authority {
  readonly variables: readonly GatewayVariable[];
  readonly warnings: readonly string[];
}

/** The certificates in a file, checked; those of the last `up` if the file no longer exists. */
export async function authorityVariable(
  file: string,
  source: VariableSource,
  kept: readonly GatewayVariable[],
  { context: { files, clock } }: Sources,
): Promise<Authority> {
  const text = await files.read(file, MOST_TEXT).catch((error: unknown) => {
    throw missing(file, `Cannot read the certificate authority ${file} (${readProblem(error)})`);
  });
  const earlier = kept.find((variable) => variable.file === file);
  if (text === undefined && earlier) return { variables: [earlier], warnings: [] };
  if (text === undefined) throw missing(file, `Certificate authority ${file} not found`);
  const { pem, warnings } = await checkAuthorities(text, file, clock.now());
  const value = new Secret(pem);
  return { variables: [{ name: AUTHORITY, value, isSecret: false, source, file, network: 'ca' }], warnings };
}

/** Returns only the certificates, without other text in the file. `now` is in milliseconds since the epoch. */
async function checkAuthorities(text: string, file: string, now: number) {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    throw invalid(file, 'it contains a private key', 'Name a file that contains only certificates: --ca FILE');
  }
  const blocks =
    text.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g) ??
    [];
  if (blocks.length === 0) throw invalid(file, ...noCertificate(text, file));
  const certificates = blocks.map((block, at) => parseCertificate(block, file, at + 1));
  const isExpired = ({ validTo }: X509Certificate) => Date.parse(validTo) <= now;
  const expired = certificates.filter(isExpired);
  if (expired.length === certificates.length) throw allExpired(file, expired);
  const pem = certificates.map((certificate) => certificate.toString()).join('');
  return {
    pem: pem.length > MOST_BYTES ? await withoutPublic(certificates, file) : pem,
    warnings: [
      ...expired.map(
        (certificate) =>
          `${nameOf(certificate)} in ${file} expired on ${dayOf(certificate)}. Replace it, then: agents-llm up`,
      ),
      ...certificates
        .filter((certificate) => !isExpired(certificate) && Date.parse(certificate.validTo) < now + SOON_MS)
        .map(
          (certificate) =>
            `${nameOf(certificate)} in ${file} expires on ${dayOf(certificate)}. Replace it, then: agents-llm up`,
        ),
      ...certificates
        .filter(({ ca, subject, issuer }) => !ca && subject !== issuer)
        .map(
          (certificate) =>
            `${nameOf(certificate)} in ${file} is the certificate of a server instead of an authority, so others that the authority issues are not trusted`,
        ),
    ],
  };
}

function parseCertificate(block: string, file: string, number: number): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch (cause) {
    throw invalid(file, `certificate ${number} in it is damaged`, 'Get the file from your company again', cause);
  }
}

function noCertificate(text: string, file: string): [why: string, hint: string] {
  if (text.trim() === '')
    return ['it is empty', 'Name a file in PEM format: text that begins with -----BEGIN CERTIFICATE-----'];
  const isBinary = text.startsWith('0') && /[\0\uFFFD]/.test(text.slice(0, 64));
  const convert = `Convert it: openssl x509 -inform der -in ${file} -out ca.pem`;
  return [
    'it contains no certificate in PEM format',
    isBinary ? convert : 'Name a file in PEM format: text that begins with -----BEGIN CERTIFICATE-----',
  ];
}

/** Some companies provide a bundle of all authorities. The gateway already has the public ones. */
async function withoutPublic(certificates: readonly X509Certificate[], file: string): Promise<string> {
  const { rootCertificates } = await import('node:tls');
  const known = new Set(rootCertificates.map((pem) => new X509Certificate(pem).fingerprint256));
  const ownAuthorities = certificates
    .filter(({ fingerprint256 }) => !known.has(fingerprint256))
    .map(String)
    .join('');
  if (ownAuthorities.length > 0 && ownAuthorities.length <= MOST_BYTES) return ownAuthorities;
  const why =
    ownAuthorities === ''
      ? 'it contains only public authorities, which the gateway trusts anyway'
      : 'it is longer than 120 kB';
  throw invalid(file, why, "Name a file that contains only your company's authorities: --ca FILE");
}

const nameOf = ({ subject }: X509Certificate) =>
  /^CN=(.+)$/m.exec(subject)?.[1] ?? (subject.replaceAll('\n', ', ') || 'A certificate');
const dayOf = ({ validTo }: X509Certificate) => new Date(validTo).toISOString().slice(0, 10);

function missing(path: string, message: string): CliError {
  return new CliError('certificate_missing', message, {
    hint: 'Name the file: --ca FILE\nOr go on without it: agents-llm up --ca off',
    details: { path },
  });
}

function invalid(path: string, why: string, hint: string, cause?: unknown): CliError {
  return new CliError('certificate_invalid', `Cannot use the certificate authority ${path}: ${why}`, {
    hint,
    details: { path },
    cause,
  });
}

function allExpired(path: string, expired: readonly X509Certificate[]): CliError {
  const last = expired.map(dayOf).sort().at(-1);
  return new CliError('certificate_expired', `The certificate authority ${path} expired on ${last}`, {
    hint: 'Get the current file from your company, then run the same command again',
    details: { path },
  });
}
