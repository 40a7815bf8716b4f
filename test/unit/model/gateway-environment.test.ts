import { expect, test } from 'vitest';
import {
  effectiveVariables,
  environmentFiles,
  environmentValues,
  type GatewayVariable,
  parseEnvironment,
  renderEnvironment,
  secretsOfEnvironment,
} from '../../../src/model/gateway-environment.ts';
import { variableProblem } from '../../../src/model/owned-variables.ts';
import { redactor, Secret } from '../../../src/model/secret.ts';

const variable = (name: string, value: string, more: Partial<GatewayVariable> = {}): GatewayVariable => ({
  name,
  value: new Secret(value),
  isSecret: false,
  source: 'config',
  ...more,
});
const PLACE = { files: '/files', spared: ['localhost'], certificates: '/tmp/ca.pem' };

test('keeps a hundred variables unchanged, whatever characters they contain', () => {
  const values = ['', 'a\nb', `$HOME \${X} $$`, `'"\\`, 'ü\u2028', ' spaces '];
  const variables = Array.from({ length: 100 }, (_, i) => variable(`V${i}`, values[i % values.length] ?? ''));
  const stored = parseEnvironment(renderEnvironment(variables)) ?? [];
  expect(stored.map(({ name, value }) => [name, value.reveal()])).toEqual(
    variables.map(({ name, value }) => [name, value.reveal()]),
  );
});

test.each(['', '{', '[]', '{"schemaVersion":2,"variables":[]}', '{"schemaVersion":1,"variables":[{"name":"1A"}]}'])(
  'rejects any other content: %j',
  (text) => expect(parseEnvironment(text)).toBeUndefined(),
);

test('prefers a flag to a file of variables, and that file to agents-llm.yaml', () => {
  const all = [
    variable('A', 'flag', { source: 'flag' }),
    variable('A', 'config'),
    variable('A', 'file', { source: 'env-file' }),
    variable('B', 'config'),
  ];
  expect(environmentValues(all, PLACE)).toEqual({ A: 'flag', B: 'config' });
  expect(effectiveVariables(all)).toHaveLength(2);
});

test('sets HTTP proxies under both names and exempts hosts that need a direct connection', () => {
  const variables = [variable('HTTPS_PROXY', 'http://p:1'), variable('no_proxy', '.corp')];
  expect(environmentValues(variables, PLACE)).toEqual({
    HTTPS_PROXY: 'http://p:1',
    https_proxy: 'http://p:1',
    NO_PROXY: '.corp,localhost',
    no_proxy: '.corp,localhost',
  });
});

test('reaches this machine from a native gateway, which cannot resolve the name that containers have for it', () => {
  const variables = [
    variable('LANGFUSE_HOST', 'http://host.docker.internal:3000'),
    variable('A', 'x host.docker.internal'),
  ];
  expect(environmentValues(variables, PLACE).LANGFUSE_HOST).toBe('http://host.docker.internal:3000');
  expect(environmentValues(variables, { ...PLACE, isNative: true })).toEqual({
    LANGFUSE_HOST: 'http://127.0.0.1:3000',
    A: 'x host.docker.internal',
  });
});

test('names each variable file after its variable and extension', () => {
  const variables = [
    variable('GOOGLE_APPLICATION_CREDENTIALS', '{}', { file: '/home/me/my key.json', isSecret: true }),
    variable('AWS_CONFIG_FILE', '[x]', { file: '/home/me/.aws/config', isSecret: true }),
  ];
  expect(environmentValues(variables, PLACE)).toEqual({
    GOOGLE_APPLICATION_CREDENTIALS: '/files/GOOGLE_APPLICATION_CREDENTIALS.json',
    AWS_CONFIG_FILE: '/files/AWS_CONFIG_FILE',
  });
  expect([...environmentFiles(variables)]).toEqual([
    ['AWS_CONFIG_FILE', '[x]'],
    ['GOOGLE_APPLICATION_CREDENTIALS.json', '{}'],
  ]);
});

test('redacts secrets whole, by line and as programs print them, and nothing else', () => {
  const key = 'secret-line-one\nsecret-line-two\n{';
  const redact = redactor(
    secretsOfEnvironment([variable('KEY', key, { isSecret: true }), variable('HOST', 'langfuse.lan')]),
  );
  expect(redact(`a ${key} b`)).toBe('a [redacted] b');
  expect(redact('x secret-line-two')).toBe('x [redacted]');
  expect(redact(JSON.stringify({ key }))).toBe('{"key":"[redacted]"}');
  expect(redact('langfuse.lan {')).toBe('langfuse.lan {');
});

test.each([
  'LITELLM_MASTER_KEY',
  'LITELLM_SALT_KEY',
  'DATABASE_URL',
  'DATABASE_PASSWORD',
  'UI_PASSWORD',
  'STORE_MODEL_IN_DB',
  'CONFIG_FILE_PATH',
  'PORT',
  'AGENTS_LLM_START',
])('leaves %s to the stack', (name) => {
  expect(variableProblem(name)).toBe('belongs to the stack, which sets it');
});

test.each(['PATH', 'HOME', 'PYTHONPATH', 'LD_PRELOAD', 'NODE_OPTIONS', 'BASH_ENV'])('refuses to set %s', (name) => {
  expect(variableProblem(name)).toBe('changes how programs run, so it cannot be set');
});

test.each(['A-B', '', '1A', 'A=B', 'Ä'])('rejects %j as a variable name', (name) => {
  expect(variableProblem(name)).toBe('is not the name of a variable');
});

test.each(['LANGFUSE_HOST', 'HTTPS_PROXY', 'OPENAI_API_KEY', 'LITELLM_LOG', 'AWS_PROFILE', '_x'])(
  'accepts %s',
  (name) => {
    expect(variableProblem(name)).toBeUndefined();
  },
);

test('points to the certificates from the entry point, except where a variable is set by name', () => {
  const authority = variable('AGENTS_LLM_CA', 'PEM', { network: 'ca', file: '/home/me/corp.pem' });
  const own = variable('REQUESTS_CA_BUNDLE', '/mine.pem');
  expect(environmentFiles([authority])).toEqual(new Map());
  expect(environmentValues([authority, own], PLACE)).toEqual({
    AGENTS_LLM_CA: 'PEM',
    AGENTS_LLM_CA_FILE: '/tmp/ca.pem',
    SSL_CERT_FILE: '/tmp/ca.pem',
    AWS_CA_BUNDLE: '/tmp/ca.pem',
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: '/tmp/ca.pem',
    REQUESTS_CA_BUNDLE: '/mine.pem',
  });
});

test.each([
  ['http://127.0.0.1:3128', 'http://machine:3128'],
  ['http://ann:pw@localhost:3128', 'http://ann:pw@machine:3128'],
  ['http://[::1]', 'http://machine'],
  ['http://localhost.corp:3128', 'http://localhost.corp:3128'],
])('rewrites an HTTP proxy on this machine to the address that containers use: %s', (value, reached) => {
  const proxy = variable('HTTPS_PROXY', value, { network: 'proxy' });
  expect(environmentValues([proxy], { ...PLACE, machine: 'machine' }).https_proxy).toBe(reached);
  expect(environmentValues([proxy], PLACE).https_proxy).toBe(value);
});
