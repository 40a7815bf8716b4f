import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../../../src/model/errors.ts';
import { checkCertificate, readCertificate } from '../../../../src/stack/tls/certificate.ts';
import { selfSigned } from '../../../../src/stack/tls/self-signed.ts';
import { caught } from '../../../support/caught.ts';
import { fakeFiles } from '../../../support/fake-files.ts';

const NOW = Date.UTC(2026, 0, 1);
const DAY = 24 * 3_600_000;
const paths = { certificate: '/c/cert.pem', key: '/c/key.pem' };
const pair = await selfSigned('llm.lan', NOW, Buffer.alloc(16, 7));
const other = await selfSigned('llm.lan', NOW, Buffer.alloc(16, 8));
const check = (given = pair, host = 'llm.lan', now = NOW) =>
  caught(async () => checkCertificate(given, paths, host, now));

describe('readCertificate', () => {
  const files = (parts: Record<string, string | Error>) =>
    fakeFiles({ '/c/cert.pem': 'c', '/c/key.pem': 'k', ...parts });

  it('returns both texts', async () => {
    expect(await readCertificate(files({}), paths)).toEqual({ certificate: 'c', key: 'k' });
  });

  it.each([
    ['Certificate', '/c/cert.pem', '--tls-cert PATH'],
    ['Private key', '/c/key.pem', '--tls-key PATH'],
  ])('reports %s as missing or unreadable', async (what, path, flag) => {
    const none = fakeFiles(path === paths.key ? { '/c/cert.pem': 'c' } : {});
    expect(await caught(() => readCertificate(none, paths))).toMatchObject({
      code: 'certificate_missing',
      exitCode: EXIT.usage,
      message: `${what} ${path} not found`,
      hint: `Name the file: ${flag}\nOr use a self-signed certificate: --self-signed`,
    });
    const locked = Object.assign(new Error('no'), { code: 'EACCES' });
    expect(await caught(() => readCertificate(files({ [path]: locked }), paths))).toMatchObject({
      code: 'certificate_missing',
      exitCode: EXIT.usage,
      message: `Cannot read the ${what.toLowerCase()} ${path} (EACCES)`,
      hint: `Make the file readable for your user\nOr name another file: ${flag}`,
    });
  });
});

describe('checkCertificate', () => {
  it('returns fingerprint and expiry of a valid certificate', () => {
    const { fingerprint256, validTo } = new X509Certificate(pair.certificate);
    expect(checkCertificate(pair, paths, 'llm.lan', NOW)).toEqual({
      fingerprint: fingerprint256,
      expires: Date.parse(validTo),
    });
    expect(checkCertificate(pair, paths, '127.0.0.1', NOW).fingerprint).toBe(fingerprint256);
  });

  it.each([
    [
      'one that has expired',
      'llm.lan',
      NOW + 826 * DAY,
      'certificate_expired',
      '/c/cert.pem expired on 2028-04-05',
      /^Renew/,
    ],
    [
      'one that is not valid yet',
      'llm.lan',
      NOW - DAY,
      'certificate_expired',
      /^\/c\/cert\.pem is not valid before 2025-12-31$/,
      /clock/,
    ],
    [
      'one for another name',
      'other.lan',
      NOW,
      'certificate_other_host',
      /is valid for llm.lan, localhost, 127.0.0.1 but not for other.lan$/,
      /--host/,
    ],
    ['one for another address', '10.0.0.1', NOW, 'certificate_other_host', /not for 10.0.0.1/, /--host/],
  ] as const)('rejects %s', async (_, host, now, code, message, hint) => {
    expect(await check(pair, host, now)).toMatchObject({
      code,
      exitCode: EXIT.usage,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  it('rejects the private key of another certificate', async () => {
    expect(await check({ ...pair, key: other.key })).toMatchObject({
      code: 'certificate_invalid',
      exitCode: EXIT.usage,
      message: '/c/key.pem is not the private key of /c/cert.pem',
      hint: expect.stringContaining('belong together'),
    });
  });

  const locked = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' },
  }).privateKey;

  it.each([
    [
      'no certificate',
      { certificate: 'text' },
      'Cannot use /c/cert.pem: it contains no certificate in PEM format',
      /-----BEGIN/,
    ],
    [
      'a key in its place',
      { certificate: pair.key },
      'Cannot use /c/cert.pem: it contains no certificate in PEM format',
      /PEM/,
    ],
    ['no key', { key: '' }, 'Cannot use /c/key.pem: it contains no private key in PEM format', /PEM/],
    ['a key with a passphrase', { key: locked }, 'Cannot use /c/key.pem: its key has a passphrase', /openssl pkey/],
  ])('rejects %s', async (_, part, message, hint) => {
    expect(await check({ ...pair, ...part })).toMatchObject({
      code: 'certificate_invalid',
      exitCode: EXIT.usage,
      message,
      hint: expect.stringMatching(hint),
    });
  });
});
