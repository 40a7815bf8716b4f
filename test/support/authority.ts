// Before the library, which looks for it when it is loaded.
import 'reflect-metadata';
import { KeyObject } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 24 * 3600 * 1000;

export interface Authority {
  /** Its own certificate. */
  readonly pem: string;
  readonly key: string;
  /** A server's certificate and key. */
  issue(host: string): Promise<{ readonly certificate: string; readonly key: string }>;
}

const pemOf = (certificate: X509Certificate) => `${certificate.toString('pem')}\n`;
const keyOf = ({ privateKey }: { readonly privateKey: Parameters<typeof KeyObject.from>[0] }) =>
  KeyObject.from(privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
const newKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
const named = (name: string) => new Name([{ CN: [{ utf8String: name }] }]);

/** A certificate authority as a company has one, valid for `days` from yesterday on. */
export async function makeAuthority(name: string, { now = Date.now(), days = 365 } = {}): Promise<Authority> {
  const keys = await newKeys();
  const times = { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + (days - 1) * DAY_MS) };
  const own = await X509CertificateGenerator.createSelfSigned({
    ...times,
    serialNumber: '01',
    name: named(name),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    pem: pemOf(own),
    key: keyOf(keys),
    async issue(host) {
      const serverKeys = await newKeys();
      const certificate = await X509CertificateGenerator.create({
        ...times,
        serialNumber: '02',
        subject: named(host),
        issuer: own.subjectName,
        signingKey: keys.privateKey,
        publicKey: serverKeys.publicKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new SubjectAlternativeNameExtension([{ type: 'dns', value: host }]),
          await AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
      });
      return { certificate: pemOf(certificate), key: keyOf(serverKeys) };
    },
  };
}
