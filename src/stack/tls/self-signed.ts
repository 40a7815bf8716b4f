import { generateKeyPairSync, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';
import * as asn1 from 'asn1js';
import type { KeyPair } from './certificate.ts';

/** What browsers and Apple's systems take at most. */
const LIFETIME_MS = 825 * 24 * 3600 * 1000;
/** Clocks of other machines may be behind. */
const LEEWAY_MS = 3600 * 1000;

const OID = {
  commonName: '2.5.4.3',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

/**
 * A certificate for `host` and this machine itself, signed by its own key. `random` is 16 bytes. Node creates keys and
 * signatures but no certificates, and a library for all of X.509 is 540 kB.
 */
export function selfSigned(host: string, now: number, random: Uint8Array): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const name = sequence(
    new asn1.Set({ value: [sequence(oid(OID.commonName), new asn1.Utf8String({ value: host.slice(0, 64) }))] }),
  );
  const body = sequence(
    tagged(0, new asn1.Integer({ value: 2 })),
    asn1.Integer.fromBigInt(BigInt(`0x${Buffer.from(random).toString('hex')}`)),
    algorithm,
    name,
    sequence(time(now - LEEWAY_MS), time(now + LIFETIME_MS)),
    name,
    asn1.fromBER(publicKey.export({ type: 'spki', format: 'der' })).result,
    tagged(3, sequence(...extensionsFor(host))),
  );
  const signature = sign('sha256', Buffer.from(body.toBER()), privateKey);
  const certificate = sequence(body, algorithm, new asn1.BitString({ valueHex: signature }));
  return { certificate: pem(certificate), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/**
 * For a server alone: who trusts it trusts no other certificate by it. No key usage: with one that allows no signing of
 * certificates OpenSSL does not take it as signed by itself, and with one that allows it, it would be an authority.
 */
function extensionsFor(host: string): asn1.Sequence[] {
  const names = [...new Set([host, 'localhost', '127.0.0.1'])];
  return [
    sequence(oid(OID.basicConstraints), new asn1.Boolean({ value: true }), octets(sequence())),
    sequence(oid(OID.extendedKeyUsage), octets(sequence(oid(OID.serverAuth)))),
    sequence(oid(OID.subjectAlternativeName), octets(sequence(...names.map(generalName)))),
  ];
}

function generalName(name: string): asn1.Primitive {
  const [tagNumber, valueHex] = isIPv4(name) ? [7, Buffer.from(name.split('.').map(Number))] : [2, Buffer.from(name)];
  return new asn1.Primitive({ idBlock: { tagClass: CONTEXT, tagNumber }, valueHex });
}

/** UTCTime ends with 2049 (RFC 5280). */
function time(ms: number): asn1.BaseBlock {
  const valueDate = new Date(ms);
  valueDate.setUTCMilliseconds(0);
  return valueDate.getUTCFullYear() < 2050 ? new asn1.UTCTime({ valueDate }) : new asn1.GeneralizedTime({ valueDate });
}

/** ASN.1's class of a tag that means something only where it stands. */
const CONTEXT = 3;

const tagged = (tagNumber: number, inner: asn1.BaseBlock) =>
  new asn1.Constructed({ idBlock: { tagClass: CONTEXT, tagNumber }, value: [inner] });
const sequence = (...value: asn1.BaseBlock[]) => new asn1.Sequence({ value });
const oid = (value: string) => new asn1.ObjectIdentifier({ value });
const octets = (inner: asn1.BaseBlock) => new asn1.OctetString({ valueHex: inner.toBER() });

function pem(certificate: asn1.Sequence): string {
  const lines =
    Buffer.from(certificate.toBER())
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
