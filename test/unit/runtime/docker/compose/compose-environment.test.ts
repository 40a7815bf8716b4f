import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { EXIT } from '../../../../../src/model/errors.ts';
import type { GatewayVariable } from '../../../../../src/model/gateway-environment.ts';
import { Secret } from '../../../../../src/model/secret.ts';
import { composeEnvironment, requireMountable } from '../../../../../src/runtime/docker/compose/compose-environment.ts';

const variable = (name: string, value: string, file?: string): GatewayVariable => ({
  ...{ name, value: new Secret(value), isSecret: true, source: 'config' },
  ...(file !== undefined && { file }),
});
const gatewayOf = (variables: readonly GatewayVariable[], folder = '/h/shop/gateway-files') =>
  parse(composeEnvironment(variables, folder) ?? '').services.litellm;

test('writes no file without variables', () => expect(composeEnvironment([], '/x')).toBeUndefined());

test.each(['a\nb\n', `it's "quoted" \\`, 'ü\u2028\u0085\uFEFF', '', ' # no comment', '{a: b}', 'yes'])(
  'gives the gateway %j unchanged',
  (value) => expect(gatewayOf([variable('A', value)])).toEqual({ environment: { A: value } }),
);

test('keeps Compose from expanding a dollar sign', () => {
  expect(gatewayOf([variable('A', `$HOME \${X} $$`)]).environment.A).toBe(`$$HOME $$\{X} $$$$`);
});

test('mounts the folder of files read-only', () => {
  expect(gatewayOf([variable('GOOGLE_APPLICATION_CREDENTIALS', '{}', '/k.json')], '/h/$x')).toEqual({
    environment: { GOOGLE_APPLICATION_CREDENTIALS: '/etc/agents-llm/files/GOOGLE_APPLICATION_CREDENTIALS.json' },
    volumes: [{ type: 'bind', source: '/h/$$x', target: '/etc/agents-llm/files', read_only: true }],
  });
});

test('refuses files for a gateway on another machine', () => {
  const variables = [variable('GOOGLE_APPLICATION_CREDENTIALS', '{}', '/k.json')];
  expect(() => requireMountable(variables, 'ssh://far')).toThrow(
    expect.objectContaining({
      code: 'usage',
      exitCode: EXIT.usage,
      message:
        'The gateway on ssh://far cannot read files of this machine, but GOOGLE_APPLICATION_CREDENTIALS names one',
      hint: 'Give the gateway the content in a variable instead\nOr use an engine of this machine: --runtime auto without DOCKER_HOST',
    }),
  );
  expect(() => requireMountable([variable('GOOGLE', '1'), ...variables], 'ssh://far')).toThrow(
    /but GOOGLE_APPLICATION_CREDENTIALS names one/,
  );
  expect(() => requireMountable(variables, 'unix:///d.sock')).not.toThrow();
  expect(() => requireMountable([variable('A', '1')], 'ssh://far')).not.toThrow();
});

test('gives certificate authorities to a gateway on any machine, without a mount', () => {
  const authority: GatewayVariable = { ...variable('AGENTS_LLM_CA', 'PEM', '/corp.pem'), network: 'ca' };
  expect(() => requireMountable([authority], 'ssh://far')).not.toThrow();
  expect(gatewayOf([authority])).toEqual({
    environment: expect.objectContaining({ AGENTS_LLM_CA: 'PEM', SSL_CERT_FILE: '/tmp/agents-llm-ca.pem' }),
  });
});
