import { expect, test } from 'vitest';
import { readPipSettings, uvEnvironment, uvSettings } from '../../../../../src/runtime/native/install/uv-settings.ts';

test('reads the settings of pip without pip', () => {
  expect(readPipSettings('/py', '/p')).toEqual({ file: '/py', args: ['-I', '/p/pip_settings.py'] });
});

test.each([
  [{ 'index-url': 'http://mirror/simple' }, { UV_DEFAULT_INDEX: 'http://mirror/simple' }],
  [
    { 'extra-index-url': '\nhttp://a/simple\nhttp://b/simple' },
    { UV_INDEX: 'http://a/simple http://b/simple', UV_INDEX_STRATEGY: 'unsafe-best-match' },
  ],
  [
    { cert: '/ca.pem', 'client-cert': '/me.pem' },
    { SSL_CERT_FILE: '/ca.pem', SSL_CLIENT_CERT: '/me.pem' },
  ],
  [{ proxy: 'http://p:1' }, { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'http://p:1' }],
  [
    { 'find-links': '/wheels https://x/y', 'no-index': '1' },
    { UV_FIND_LINKS: '/wheels,https://x/y', UV_NO_INDEX: '1' },
  ],
  [{ 'trusted-host': 'a\nb:8080' }, { UV_INSECURE_HOST: 'a b:8080' }],
  [
    { timeout: '60', retries: '2' },
    { UV_HTTP_TIMEOUT: '60', UV_HTTP_RETRIES: '2' },
  ],
  [{ 'no-color': 'true', 'index-url': '' }, {}],
])('translates %j', (settings, expected) => {
  expect(uvSettings(JSON.stringify(settings), {})).toEqual(expected);
});

test.each(['', 'no JSON', 'null', '[]'])('returns no settings for an answer that cannot be parsed: %s', (text) => {
  expect(uvSettings(text, {})).toEqual({});
});

test.each(['UV_DEFAULT_INDEX', 'UV_INDEX_URL'])('keeps an index that the user has set with %s', (name) => {
  expect(uvSettings('{"index-url":"http://mirror/simple"}', { [name]: 'http://mine' })).toEqual({});
});

test('gives uv its own cache, and removes variables that change what it installs', () => {
  const env = {
    UV_NO_VERIFY_HASHES: '1',
    UV_OVERRIDE: '/o.txt',
    UV_CACHE_DIR: '/read-only',
    UV_OFFLINE: '1',
    HOME: '/h',
  };
  expect(uvEnvironment('{"cert":"/ca.pem"}', env, '/n/uv/cache')).toEqual({
    HOME: '/h',
    UV_OFFLINE: '1',
    SSL_CERT_FILE: '/ca.pem',
    UV_CACHE_DIR: '/n/uv/cache',
    UV_PYTHON_DOWNLOADS: 'never',
  });
});
