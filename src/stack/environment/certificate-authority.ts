import { X509Certificate } from 'node:crypto';
import { MOST_TEXT, readProblem } from '../../io/files/regular-file.ts';
import { CliError } from '../../model/errors.ts';
import { AUTHORITY, type GatewayVariable, type VariableSource } from '../../model/gateway-environment.ts';
import { Secret } from '../../model/secret.ts';
import type { Sources } from './variable-values.ts';

/** Linux takes no longer variable. */
const MOST_CHARACTERS = 120_000;
const SOON_MS = 30 * 24 * 3600 * 1000;

interface Authority {
  readonly variables: readonly GatewayVariable[];
  readonly warnings: readonly string[];
}

/** The certificates in a file, checked; those of the last `up` where the file is gone. */
export async function authorityVariable(
  file: string,
  source: VariableSource,
  kept: readonly GatewayVariable[],
  { context: { files, clock } }: Sources,
): Promise<Authority> {
  const text = await files.read(file, MOST_TEXT).catch((error: unknown) => {
    throw missing(file, `Cannot read the certificate authority ${file} (${readProblem(error)})`);
  });
  const before = kept.find((one) => one.file === file);
  if (text === undefined && before) return { variables: [before], warnings: [] };
  if (text === undefined) throw missing(file, `Certificate authority ${file} not found`);
  const { pem, warnings } = await checkAuthorities(text, file, clock.now());
  const value = new Secret(pem);
  return { variables: [{ name: AUTHORITY, value, isSecret: false, source, file, network: 'ca' }], warnings };
}

/** The certificates alone, without what else a file says of them. `now` is in milliseconds since the epoch. */
async function checkAuthorities(text: string, file: string, now: number) {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    throw invalid(file, 'it contains a private key', 'Name a file that contains only certificates: --ca FILE');
  }
  const blocks =
    text.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g) ??
    [];
  if (blocks.length === 0) throw invalid(file, ...noCertificate(text, file));
  const found = blocks.map((block, at) => parsed(block, file, at + 1));
  const isExpired = ({ validTo }: X509Certificate) => Date.parse(validTo) <= now;
  const expired = found.filter(isExpired);
  if (expired.length === found.length) throw allExpired(file, expired);
  const pem = found.map((certificate) => certificate.toString()).join('');
  return {
    pem: pem.length > MOST_CHARACTERS ? await withoutPublic(found, file) : pem,
    warnings: [
      ...expired.map((one) => `${nameOf(one)} in ${file} expired on ${dayOf(one)}. Replace it, then: agents-llm up`),
      ...found
        .filter((one) => !isExpired(one) && Date.parse(one.validTo) < now + SOON_MS)
        .map((one) => `${nameOf(one)} in ${file} expires on ${dayOf(one)}. Replace it, then: agents-llm up`),
      ...found
        .filter((one) => !one.ca && one.subject !== one.issuer)
        .map(
          (one) =>
            `${nameOf(one)} in ${file} is the certificate of a server and not of an authority, so others that the authority issues are not trusted`,
        ),
    ],
  };
}

function parsed(block: string, file: string, number: number): X509Certificate {
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

/** A bundle of all authorities, as some companies hand it out: the public ones are in the gateway already. */
async function withoutPublic(found: readonly X509Certificate[], file: string): Promise<string> {
  const { rootCertificates } = await import('node:tls');
  const known = new Set(rootCertificates.map((pem) => new X509Certificate(pem).fingerprint256));
  const own = found
    .filter(({ fingerprint256 }) => !known.has(fingerprint256))
    .map(String)
    .join('');
  if (own.length > 0 && own.length <= MOST_CHARACTERS) return own;
  const why =
    own === '' ? 'it contains only public authorities, which the gateway trusts anyway' : 'it is longer than 120 kB';
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
