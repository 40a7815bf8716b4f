// Before the library, which looks for it when it is loaded.
import 'reflect-metadata';
import { KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Name,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { KeyPair } from './certificate.ts';

/** The longest lifetime that browsers and Apple's systems accept. */
const LIFETIME_MS = 825 * 24 * 3600 * 1000;
/** Clocks of other machines may be behind. */
const LEEWAY_MS = 3600 * 1000;

/** A certificate for `host` and this machine itself, signed by its own key. `random` is 16 bytes. */
export async function selfSigned(host: string, now: number, random: Uint8Array): Promise<KeyPair> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: Buffer.from(random).toString('hex'),
    name: new Name([{ CN: [{ utf8String: host.slice(0, 64) }] }]),
    notBefore: new Date(now - LEEWAY_MS),
    notAfter: new Date(now + LIFETIME_MS),
    keys,
    signingAlgorithm: algorithm,
    extensions: extensionsFor(host),
  });
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  return { certificate: `${certificate.toString('pem')}\n`, key };
}

/**
 * For a server alone: who trusts it trusts no other certificate by it. No key usage: with one that allows no signing of
 * certificates OpenSSL does not take it as signed by itself, and with one that allows it, it would be an authority.
 */
function extensionsFor(host: string) {
  const names = [...new Set([host, 'localhost', '127.0.0.1'])];
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(names.map((value) => ({ type: isIPv4(value) ? 'ip' : 'dns', value }))),
  ];
}
