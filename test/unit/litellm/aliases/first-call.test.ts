import { describe, expect, test } from 'vitest';
import { addressWarnings, reachable, targetWarnings } from '../../../../src/litellm/aliases/first-call.ts';

const HOST = { api_base: 'http://host.docker.internal:11434/v1', region: 'eu' };

describe('an API address', () => {
  test('with the container name of this machine becomes loopback for a native gateway', () => {
    expect(reachable(HOST, 'native')).toEqual({ api_base: 'http://127.0.0.1:11434/v1', region: 'eu' });
    expect(reachable(HOST, 'docker')).toEqual(HOST);
    expect(reachable(HOST, undefined)).toEqual(HOST);
    expect(reachable({ a: 'http://host.docker.internal.example/v1', b: 1 }, 'native')).toEqual({
      a: 'http://host.docker.internal.example/v1',
      b: 1,
    });
  });

  test.each(['http://localhost:11434', 'http://127.0.0.1:11434', 'http://[::1]:11434', 'http://0.0.0.0:11434'])(
    '%s leads a container to itself',
    (address) => {
      expect(addressWarnings({ api_base: address }, 'docker')).toEqual([
        `api_base ${address} leads to LiteLLM's own container, because the stack runs under Docker. Use http://host.docker.internal:11434 instead`,
      ]);
      expect(addressWarnings({ api_base: address }, 'native')).toEqual([]);
      expect(addressWarnings({ api_base: address }, undefined)).toEqual([]);
    },
  );

  test('of another machine causes no warning', () => {
    const values = { api_base: 'https://localhost.example/v1', api_version: '2024-06-01', temperature: 1 };
    expect(addressWarnings(values, 'docker')).toEqual([]);
  });
});

describe('an alias without a provider', () => {
  const target = { target: 'openai/gpt-4o', params: {} };

  test('causes a warning when its target needs a key', () => {
    expect(targetWarnings('gpt-5', target, 'docker')).toEqual([
      `Alias "gpt-5" names no provider, so its calls fail unless the gateway's own environment has a key for openai`,
    ]);
    expect(targetWarnings('gpt-5', target, 'native')).toHaveLength(1);
  });

  test.each([
    ['with a provider', { ...target, credential: 'openai' }, 'docker'],
    ['with a mock', { ...target, params: { mock_response: 'pong' } }, 'docker'],
    ['of a provider without keys', { target: 'ollama/llama3', params: {} }, 'docker'],
    ['on another LiteLLM', target, undefined],
  ] as const)('causes no warning %s', (_, alias, runtime) => {
    expect(targetWarnings('gpt-5', alias, runtime)).toEqual([]);
  });
});
