import { describe, expect, it } from 'vitest';
import { parseCorsOrigin } from '../../../src/cli/flag-values.ts';
import { allowedOrigins, originOf } from '../../../src/model/web-origins.ts';

describe('allowedOrigins', () => {
  const tls = { proxy: 'nginx', host: 'llm.lan', bind: '0.0.0.0', httpsPort: 443, httpPort: 80, image: 'n' } as const;
  const ofTls = { ...tls, fingerprint: '', expires: '', revision: '' };
  const local = 'http://127.0.0.1:4000,http://localhost:4000';

  it.each([
    [{ bind: '127.0.0.1', port: 4000 }, local],
    [{ bind: '0.0.0.0', port: 4000 }, local],
    [{ bind: '192.168.1.5', port: 4000 }, 'http://192.168.1.5:4000'],
    [{ bind: '127.0.0.1', port: 80 }, 'http://127.0.0.1,http://localhost'],
    [{ bind: '127.0.0.1', port: 4000, tls: ofTls }, `${local},https://llm.lan`],
    [{ bind: '127.0.0.1', port: 4000, tls: { ...ofTls, httpsPort: 8443 } }, `${local},https://llm.lan:8443`],
    [
      { bind: '127.0.0.1', port: 4000, corsOrigins: ['https://a.lan', 'http://localhost:4000'] },
      `${local},https://a.lan`,
    ],
  ])('lists the origins of %j', (gateway, origins) => expect(allowedOrigins(gateway)).toBe(origins));
});

describe('an origin', () => {
  it.each([
    ['https://app.example.com', 'https://app.example.com'],
    ['HTTP://Localhost:5173', 'http://localhost:5173'],
    ['https://app.lan:443', 'https://app.lan'],
    ['http://app.lan:80', 'http://app.lan'],
    ['https://app.lan:80', 'https://app.lan:80'],
    ['chrome-extension://abcdefgh', 'chrome-extension://abcdefgh'],
    ['tauri://localhost', 'tauri://localhost'],
  ])('is parsed from %s as %s', (text, origin) => expect(originOf(text)).toBe(origin));

  it.each([
    ['*', /^With \* every web page could use the gateway/],
    ['app.lan', /^An origin is scheme:\/\/host\[:port\]/],
    ['https://app.lan/', /^An origin/],
    ['https://app.lan/path', /^An origin/],
    ['https://*.lan', /^An origin/],
    ['https://me@app.lan', /^An origin/],
    ['https://a.lan,https://b.lan', /^An origin/],
    ['https://a.lan:0', /^An origin/],
    ['https://a.lan:65536', /^An origin/],
    ['https://a.$lan', /^An origin/],
    ['null', /^An origin/],
    ['', /^An origin/],
    ['https://a.lan\nX: y', /^An origin/],
  ])('is rejected when it is %j', (text, message) => {
    expect(originOf(text)).toBeUndefined();
    expect(() => parseCorsOrigin(text)).toThrow(expect.objectContaining({ message: expect.stringMatching(message) }));
  });

  it('is added to the earlier ones, and off clears the list', () => {
    expect(parseCorsOrigin('https://b.lan', ['https://a.lan'])).toEqual(['https://a.lan', 'https://b.lan']);
    expect(parseCorsOrigin('off', ['https://a.lan'])).toEqual([]);
  });
});
