import { generateKeyPairSync, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { bits, explicit, implicit, integer, objectId, octets, sequence, set, time, utf8, yes } from './der.ts';

/** A certificate and its private key, as PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** What browsers and Apple's systems take at most. */
const LIFETIME_MS = 825 * 24 * 3600 * 1000;
/** Clocks of other machines may be behind. */
const LEEWAY_MS = 3600 * 1000;

const ECDSA_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));

/**
 * A certificate for `host` and this machine itself, signed by its own key. Written here, since Node makes keys and
 * signatures but no certificates, and no other program need be there for it. `random` is 16 bytes.
 */
export function selfSigned(host: string, now: number, random: Uint8Array): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(objectId('2.5.4.3'), utf8(host.slice(0, 64)))));
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(random),
    ECDSA_SHA256,
    name,
    sequence(time(now - LEEWAY_MS), time(now + LIFETIME_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions(host))),
  );
  const certificate = sequence(body, ECDSA_SHA256, bits(sign('sha256', body, privateKey)));
  return { certificate: pem(certificate), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/**
 * For a server alone: who trusts it trusts no other certificate by it. No key usage: with one that allows no signing of
 * certificates OpenSSL does not take it as signed by itself, and with one that allows it, it would be an authority.
 */
function extensions(host: string): Buffer[] {
  const names = [...new Set([host, 'localhost', '127.0.0.1'])].map(generalName);
  return [
    extension('2.5.29.19', sequence(), 'critical'),
    extension('2.5.29.37', sequence(objectId('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', sequence(...names)),
  ];
}

function extension(id: string, content: Uint8Array, critical?: 'critical'): Buffer {
  return sequence(objectId(id), ...(critical ? [yes()] : []), octets(content));
}

function generalName(name: string): Buffer {
  if (!isIPv4(name)) return implicit(2, Buffer.from(name, 'latin1'));
  return implicit(7, Buffer.from(name.split('.').map(Number)));
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
