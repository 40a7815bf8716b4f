import { expect, test } from 'vitest';
import { listPipSettings, uvSettings } from '../../../../../src/runtime/native/install/uv-settings.ts';

test('asks pip for its settings', () => {
  expect(listPipSettings('/py')).toEqual({ file: '/py', args: ['-I', '-m', 'pip', 'config', 'list'] });
});

test.each([
  ["global.index-url='http://mirror/simple'", { UV_DEFAULT_INDEX: 'http://mirror/simple' }],
  [
    "global.extra-index-url='\\nhttp://a/simple\\nhttp://b/simple'",
    { UV_INDEX: 'http://a/simple http://b/simple', UV_INDEX_STRATEGY: 'unsafe-best-match' },
  ],
  ["global.cert='/ca.pem'", { SSL_CERT_FILE: '/ca.pem' }],
  ["install.proxy='http://p:1'", { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'http://p:1' }],
  ["global.timeout='60'\nglobal.find-links='/wheels'", {}],
  ['', {}],
])('of %s', (list, expected) => {
  expect(uvSettings(list, {})).toEqual(expected);
});

test('a variable counts more than a file, and the section of install more than the global one', () => {
  const list = `:env:.index-url='http://env'
global.index-url='http://global'
install.index-url='http://install'
global.cert='/global.pem'
install.cert='/install.pem'
`;
  expect(uvSettings(list, {})).toEqual({ UV_DEFAULT_INDEX: 'http://env', SSL_CERT_FILE: '/install.pem' });
});

test.each(['UV_DEFAULT_INDEX', 'UV_INDEX_URL'])('leaves an index that uv has been given by %s', (name) => {
  expect(uvSettings("global.index-url='http://mirror/simple'", { [name]: 'http://mine' })).toEqual({});
});
