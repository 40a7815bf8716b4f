import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { EXIT } from '../../../../../src/model/errors.ts';
import { resolveEndpoint, socketPath } from '../../../../../src/runtime/docker/engine/endpoint.ts';
import { fakeFiles } from '../../../../support/fake-files.ts';

const meta = (folder: string, name: string) =>
  `${folder}/contexts/meta/${createHash('sha256').update(name).digest('hex')}/meta.json`;
const host = (Host: string) => JSON.stringify({ Name: 'x', Endpoints: { docker: { Host, SkipTLSVerify: false } } });
const stored = {
  '/home/me/.docker/config.json': '{"auths":{},"currentContext":"desktop-linux"}',
  [meta('/home/me/.docker', 'desktop-linux')]: host('unix:///home/me/.docker/desktop/docker.sock'),
  [meta('/home/me/.docker', 'far')]: host('ssh://me@far'),
  [meta('/conf', 'elsewhere')]: host('tcp://10.0.0.1:2376'),
  '/conf/config.json': '{"currentContext":"elsewhere"}',
};

const resolve = (
  env: Record<string, string>,
  files: Record<string, string | Error> = stored,
  platform: NodeJS.Platform = 'linux',
) => resolveEndpoint({ env, home: '/home/me', platform, files: fakeFiles(files) });

test.each([
  ['the context in use', {}, 'unix:///home/me/.docker/desktop/docker.sock'],
  ['DOCKER_CONTEXT before the context in use', { DOCKER_CONTEXT: 'far' }, 'ssh://me@far'],
  ['DOCKER_HOST before all', { DOCKER_HOST: 'unix:///x.sock', DOCKER_CONTEXT: 'far' }, 'unix:///x.sock'],
  ['a DOCKER_HOST without a scheme as tcp', { DOCKER_HOST: '10.0.0.9:2375' }, 'tcp://10.0.0.9:2375'],
  ['an empty DOCKER_HOST as none', { DOCKER_HOST: '', DOCKER_CONTEXT: 'far' }, 'ssh://me@far'],
  ['DOCKER_CONTEXT=default as no context', { DOCKER_CONTEXT: 'default' }, 'unix:///var/run/docker.sock'],
  ['DOCKER_CONFIG as the folder', { DOCKER_CONFIG: '/conf' }, 'tcp://10.0.0.1:2376'],
])('uses %s', async (_, env, expected) => {
  expect(await resolve(env)).toBe(expected);
});

test.each([
  ['absent', {}],
  ['not JSON', { '/home/me/.docker/config.json': '{' }],
  ['of another shape', { '/home/me/.docker/config.json': '{"currentContext":7}' }],
  ['unreadable', { '/home/me/.docker/config.json': Object.assign(new Error('EACCES'), { code: 'EACCES' }) }],
])('uses the default when config.json is %s', async (_, files) => {
  expect(await resolve({}, files)).toBe('unix:///var/run/docker.sock');
});

test('uses the named pipe by default on Windows', async () => {
  expect(await resolve({}, {}, 'win32')).toBe('npipe:////./pipe/docker_engine');
});

test('reports an unknown context', async () => {
  await expect(resolve({ DOCKER_CONTEXT: 'nosuch' })).rejects.toMatchObject({
    code: 'docker_context_unknown',
    exitCode: EXIT.prerequisite,
    message: 'Docker context "nosuch" not found',
    hint: 'List the contexts: docker context ls',
  });
});

test.each([
  ["Docker Desktop's", 'desktop-linux', 'unix:///Users/me/.docker/run/docker.sock'],
  ["OrbStack's", 'orbstack', 'unix:///Users/me/.orbstack/run/docker.sock'],
  ["colima's", 'colima', 'unix:///Users/me/.colima/default/docker.sock'],
  ["Rancher Desktop's", 'rancher-desktop', 'unix:///Users/me/.rd/docker.sock'],
])('finds %s socket on macOS by its context', async (_, name, endpoint) => {
  const files = fakeFiles({
    '/Users/me/.docker/config.json': JSON.stringify({ currentContext: name }),
    [meta('/Users/me/.docker', name)]: host(endpoint),
  });
  const found = await resolveEndpoint({ env: {}, home: '/Users/me', platform: 'darwin', files });
  expect(found).toBe(endpoint);
  expect(socketPath(found)).toBe(endpoint.slice('unix://'.length));
});

test('returns the path of a Unix endpoint', () => {
  expect(socketPath('unix:///var/run/docker.sock')).toBe('/var/run/docker.sock');
});

test.each([
  ['npipe:////./pipe/docker_engine', '\\\\.\\pipe\\docker_engine'],
  ['npipe:////./pipe/dockerDesktopLinuxEngine', '\\\\.\\pipe\\dockerDesktopLinuxEngine'],
])('returns the path of the named pipe %s', (endpoint, path) => {
  expect(socketPath(endpoint)).toBe(path);
});

test('returns no path for an endpoint that only the docker CLI can reach', () => {
  expect(socketPath('tcp://127.0.0.1:2375')).toBeUndefined();
  expect(socketPath('ssh://me@far')).toBeUndefined();
});
