import { expect, test } from 'vitest';
import { isLoopback } from '../../../../src/io/network/remote-http.ts';
import { resolveTarget } from '../../../../src/litellm/admin/target.ts';
import { keyDurationMs } from '../../../../src/litellm/keys/key-duration.ts';
import { Secret } from '../../../../src/model/secret.ts';

const local = {
  url: 'http://127.0.0.1:4000',
  masterKey: new Secret('sk-local-0123456789'),
  secretsFile: '/state/.env',
  peer: { check: async () => undefined },
};
const startCommand = 'agents-llm up';

test.each([
  ['the local stack', {}, undefined, { url: local.url, keySource: '/state/.env', startCommand }],
  [
    'LITELLM_BASE_URL',
    { LITELLM_BASE_URL: 'https://llm.example/v1/', LITELLM_MASTER_KEY: 'sk-r' },
    undefined,
    { url: 'https://llm.example', keySource: 'LITELLM_MASTER_KEY', startCommand: null },
  ],
  [
    '--base-url',
    { LITELLM_BASE_URL: 'https://llm.example', LITELLM_MASTER_KEY: 'sk-r' },
    'http://other:1/p',
    { url: 'http://other:1/p', startCommand: null },
  ],
  ['the own address', {}, 'http://127.0.0.1:4000/v1', { keySource: '/state/.env', startCommand }],
  [
    'another master key',
    { LITELLM_MASTER_KEY: 'sk-r' },
    undefined,
    { url: local.url, keySource: 'LITELLM_MASTER_KEY' },
  ],
])('uses %s', (_, env, baseUrl, expected) => {
  expect(resolveTarget({ env, baseUrl, local, startCommand })).toMatchObject(expected);
});

test.each([
  ['the own stack', {}, undefined, true],
  ['the own stack by its address', {}, 'http://127.0.0.1:4000/v1', true],
  ['the own stack, with the key of another', { LITELLM_MASTER_KEY: 'sk-r' }, undefined, true],
  ['its address and its key', { LITELLM_MASTER_KEY: 'sk-local-0123456789' }, 'http://127.0.0.1:4000', true],
  ['another name of its address', { LITELLM_MASTER_KEY: 'sk-local-0123456789' }, 'http://localhost:4000', true],
  ['its address, with the key of another', { LITELLM_MASTER_KEY: 'sk-r' }, 'http://127.0.0.1:4000', false],
  ['another port', { LITELLM_MASTER_KEY: 'sk-local-0123456789' }, 'http://127.0.0.1:4001', false],
  ['another machine', { LITELLM_MASTER_KEY: 'sk-local-0123456789' }, 'http://10.0.0.1:4000', false],
])('checks who answers only where it can: %s', (_, env, baseUrl, isChecked) => {
  const { peer } = resolveTarget({ env, baseUrl, local, startCommand });
  expect(peer).toBe(isChecked ? local.peer : null);
});

test.each([
  ['no stack', {}, undefined, undefined, 'not_running', 10],
  ['no master key', {}, 'https://llm.example', local, 'usage', 2],
  ['no address', {}, 'ftp://x', local, 'usage', 2],
  ['a password in the address', {}, 'http://u:p@x', local, 'usage', 2],
  ['a newline in the key', { LITELLM_MASTER_KEY: 'sk-a\n' }, undefined, local, 'usage', 2],
])('fails for %s', (_, env, baseUrl, stack, code, exitCode) => {
  expect(() => resolveTarget({ env, baseUrl, local: stack, startCommand })).toThrow(
    expect.objectContaining({ code, exitCode }),
  );
});

test.each([
  ['30d', 2_592_000_000],
  ['1mo', 2_592_000_000],
  ['2w', 1_209_600_000],
  ['90s', 90_000],
])('converts the lifetime %s', (text, ms) => {
  expect(keyDurationMs(text)).toBe(ms);
});

test.each(['30', '1year', '', '-1d', '0d', '1.5h', '1d 2h'])('refuses "%s" as a lifetime', (text) => {
  expect(() => keyDurationMs(text)).toThrow(
    expect.objectContaining({ code: 'usage', hint: expect.stringContaining('30d') }),
  );
});

test.each([
  ['http://localhost:1', true],
  ['http://127.9.0.1', true],
  ['http://[::1]:4', true],
  ['http://10.0.0.1', false],
])('tells whether %s is loopback: %s', (url, expected) => expect(isLoopback(url)).toBe(expected));
