import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { unprotectedEngine } from '../../../../../src/runtime/docker/engine/unprotected-engine.ts';
import { fakeFiles } from '../../../../support/fake-files.ts';

const look = (endpoint: string, env: Record<string, string> = {}, files: Record<string, string> = {}) =>
  unprotectedEngine({ env, home: '/home/me', platform: 'linux', files: fakeFiles(files) }, endpoint);

test.each([
  'tcp://10.0.0.5:2375',
  'tcp://build.lan',
  'tcp://[2001:db8::5]:2375',
  'http://10.0.0.5:2375',
  'tcp://127.0.0.1.evil.test:2375',
])('warns of %s', async (endpoint) => {
  expect(await look(endpoint, { DOCKER_HOST: endpoint })).toEqual({
    seen: `The connection to the Docker engine at ${endpoint} is not encrypted, so others on the network can read secrets and control the engine`,
    fix: expect.stringMatching(/^Connect by SSH: docker context create remote --docker host=ssh:\/\/USER@\S+$/),
  });
});

test('names the host in the hint', async () => {
  expect((await look('tcp://[2001:db8::5]:2375'))?.fix).toMatch(/ssh:\/\/USER@\[2001:db8::5\]$/);
});

test.each([
  'unix:///var/run/docker.sock',
  'npipe:////./pipe/docker_engine',
  'ssh://me@far',
  'tcp://127.0.0.1:2375',
  'tcp://localhost:2375',
  'tcp://[::1]:2375',
])('accepts %s', async (endpoint) => {
  expect(await look(endpoint, { DOCKER_HOST: endpoint })).toBeUndefined();
});

test.each(['DOCKER_TLS_VERIFY', 'DOCKER_TLS'])('accepts %s', async (name) => {
  const endpoint = 'tcp://10.0.0.5:2376';
  expect(await look(endpoint, { DOCKER_HOST: endpoint, [name]: '1' })).toBeUndefined();
});

test('accepts a context only if it has certificates', async () => {
  const hash = createHash('sha256').update('far').digest('hex');
  const files = { [`/home/me/.docker/contexts/tls/${hash}/docker/ca.pem`]: 'pem' };
  expect(await look('tcp://10.0.0.5:2376', { DOCKER_CONTEXT: 'far' }, files)).toBeUndefined();
  expect(await look('tcp://10.0.0.5:2376', { DOCKER_CONTEXT: 'near' }, files)).toBeDefined();
  // The variable alone gives DOCKER_HOST no certificates of a context.
  expect(
    await look('tcp://10.0.0.5:2376', { DOCKER_HOST: 'tcp://10.0.0.5:2376', DOCKER_CONTEXT: 'far' }, files),
  ).toBeDefined();
});
