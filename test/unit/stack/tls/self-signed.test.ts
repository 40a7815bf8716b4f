import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { bits, integer, objectId, octets, sequence, time } from '../../../../src/stack/tls/der.ts';
import { selfSigned } from '../../../../src/stack/tls/self-signed.ts';

const NOW = Date.UTC(2026, 0, 1);
const made = (host: string) => {
  const pair = selfSigned(host, NOW, Buffer.alloc(16, 0x9a));
  return { ...pair, parsed: new X509Certificate(pair.certificate) };
};

test('is signed by its own key, for a server alone, and no authority', () => {
  const { parsed } = made('llm.lan');
  expect(parsed.verify(parsed.publicKey)).toBe(true);
  expect(parsed.checkIssued(parsed)).toBe(true);
  expect(parsed.ca).toBe(false);
  expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(parsed.serialNumber).toBe('9A'.repeat(16));
});

test('is trusted by who was given it, for its names alone', async () => {
  const { certificate, key } = selfSigned('llm.lan', Date.now(), Buffer.alloc(16, 7));
  const server = createServer({ cert: certificate, key }, (socket) => socket.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const visit = async (servername: string, ca?: string) => {
    const socket = connect({ host: '127.0.0.1', port, servername, ...(ca && { ca }) });
    await once(socket, 'secureConnect');
    socket.destroy();
  };
  await visit('llm.lan', certificate);
  await expect(visit('other.lan', certificate)).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  await expect(visit('llm.lan')).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});

test('is for its host and for this machine', () => {
  expect(made('llm.lan').parsed.subjectAltName).toBe('DNS:llm.lan, DNS:localhost, IP Address:127.0.0.1');
  expect(made('192.168.7.20').parsed.subjectAltName).toBe(
    'IP Address:192.168.7.20, DNS:localhost, IP Address:127.0.0.1',
  );
  expect(made('localhost').parsed.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1');
});

test('counts from an hour ago for 825 days', () => {
  const { parsed } = made('llm.lan');
  expect(Date.parse(parsed.validFrom)).toBe(NOW - 3_600_000);
  expect(Date.parse(parsed.validTo)).toBe(NOW + 825 * 24 * 3_600_000);
});

test('takes a name that is longer than a subject may be', () => {
  const host = `${'a'.repeat(60)}.${'b'.repeat(60)}.example.com`;
  expect(made(host).parsed.checkHost(host)).toBe(host);
});

test.each([
  ['a small length', sequence(Buffer.alloc(127)), '307f'],
  ['a length of one byte', octets(Buffer.alloc(128)), '048180'],
  ['a length of two bytes', octets(Buffer.alloc(300)), '0482012c'],
  ['a number with its sign kept off', integer(Buffer.from([0x80])), '02020080'],
  ['a number without leading zeros', integer(Buffer.from([0, 0, 1])), '020101'],
  ['zero', integer(Buffer.from([0])), '020100'],
  ['bits', bits(Buffer.from([0x80]), 7), '03020780'],
  ['an object id', objectId('1.2.840.10045.4.3.2'), '06082a8648ce3d040302'],
  ['a time of this half of the century', time(Date.UTC(2049, 11, 31, 23, 59, 59)), '170d3439313233313233353935395a'],
  ['a time of the other', time(Date.UTC(2050, 0, 1)), '180f32303530303130313030303030305a'],
])('writes %s in DER', (_, value, expected) => {
  expect(value.toString('hex').slice(0, expected.length)).toBe(expected);
});
