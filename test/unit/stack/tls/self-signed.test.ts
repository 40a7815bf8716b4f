import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { selfSigned } from '../../../../src/stack/tls/self-signed.ts';

const NOW = Date.UTC(2026, 0, 1);
const made = async (host: string) => {
  const pair = await selfSigned(host, NOW, Buffer.alloc(16, 0x9a));
  return { ...pair, parsed: new X509Certificate(pair.certificate) };
};

test('is self-signed, for a server only, and not an authority', async () => {
  const { parsed } = await made('llm.lan');
  expect(parsed.verify(parsed.publicKey)).toBe(true);
  expect(parsed.checkIssued(parsed)).toBe(true);
  expect(parsed.ca).toBe(false);
  expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(parsed.serialNumber).toBe('9A'.repeat(16));
  expect(parsed.subject).toBe('CN=llm.lan');
});

test('has a P-256 key, and both are PEM as OpenSSL writes it', async () => {
  const { certificate, key, parsed } = await made('llm.lan');
  expect(parsed.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  expect(parsed.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(certificate).toBe(parsed.toString());
  expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n[\s\S]+\n-----END PRIVATE KEY-----\n$/);
});

test('is trusted by clients that have it, for its names only', async () => {
  const { certificate, key } = await selfSigned('llm.lan', Date.now(), Buffer.alloc(16, 7));
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

test('is valid for its host and for this machine', async () => {
  expect((await made('llm.lan')).parsed.subjectAltName).toBe('DNS:llm.lan, DNS:localhost, IP Address:127.0.0.1');
  expect((await made('192.168.7.20')).parsed.subjectAltName).toBe(
    'IP Address:192.168.7.20, DNS:localhost, IP Address:127.0.0.1',
  );
  expect((await made('localhost')).parsed.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1');
});

test('is valid from an hour ago for 825 days', async () => {
  const { parsed } = await made('llm.lan');
  expect(Date.parse(parsed.validFrom)).toBe(NOW - 3_600_000);
  expect(Date.parse(parsed.validTo)).toBe(NOW + 825 * 24 * 3_600_000);
});

test('accepts a host name that is longer than a subject may be', async () => {
  const host = `${'a'.repeat(60)}.${'b'.repeat(60)}.example.com`;
  expect((await made(host)).parsed.checkHost(host)).toBe(host);
});
