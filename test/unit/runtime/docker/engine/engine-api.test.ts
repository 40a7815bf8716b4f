import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXIT } from '../../../../../src/model/errors.ts';
import { containerName } from '../../../../../src/runtime/docker/engine/container.ts';
import { engineApi } from '../../../../../src/runtime/docker/engine/engine-api.ts';
import { type FakeExchange, fakeHttp } from '../../../../support/fake-http.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../../fixtures/docker/${name}.json`, import.meta.url), 'utf8');
const ids = (JSON.parse(fixture('containers')) as { Id: string }[]).map(({ Id }) => Id);

const ping = (version?: string): FakeExchange => ({
  call: 'HEAD http://docker/_ping',
  answer: { headers: version === undefined ? {} : { 'api-version': version } },
});
const list = 'containers/json?all=1&filters={"label":["com.docker.compose.project=rt-trial"]}';
const ofProject = { key: 'label', value: 'com.docker.compose.project=rt-trial' } as const;

function setUp(
  table: readonly FakeExchange[],
  platform: NodeJS.Platform = 'linux',
  signal = new AbortController().signal,
) {
  const http = fakeHttp(table);
  const endpoint = 'unix:///var/run/docker.sock';
  return { http, engine: engineApi({ http, endpoint, platform, signal, socketPath: '/var/run/docker.sock' }) };
}

test.each([
  ['1.41', '/v1.41'],
  ['1.24', '/v1.24'],
  ['1.47', '/v1.47'],
  ['1.51', '/v1.47'],
  ['2.0', '/v1.47'],
  [undefined, ''],
])('uses the version that both sides support: the engine has %s', async (version, prefix) => {
  const info = {
    ID: 'ABCD',
    OSType: 'linux',
    Architecture: 'x86_64',
    MemTotal: 1024,
    ServerVersion: '28.5.2',
    SystemTime: '2026-01-01T00:00:00Z',
    DockerRootDir: '/var/lib/docker',
  };
  const json = { ...info, More: true };
  const { engine, http } = setUp([ping(version), { call: `GET http://docker${prefix}/info`, answer: { json } }]);
  expect(await engine.info()).toEqual(info);
  expect(http.requests.map(({ socketPath }) => socketPath)).toEqual(['/var/run/docker.sock', '/var/run/docker.sock']);
  http.assertDone();
});

test('inspects the containers of a recorded list, and asks for the version once', async () => {
  const { engine, http } = setUp([
    ping('1.41'),
    { call: `GET http://docker/v1.41/${list}`, answer: { text: fixture('containers') } },
    { call: `GET http://docker/v1.41/containers/${ids[0]}/json`, answer: { text: fixture('inspect-litellm') } },
    { call: `GET http://docker/v1.41/containers/${ids[1]}/json`, answer: { text: fixture('inspect-litellm-db') } },
  ]);
  expect((await engine.containers(ofProject)).map(containerName)).toEqual([
    'rt-trial-litellm-1',
    'rt-trial-litellm-db-1',
  ]);
  http.assertDone();
});

test('omits a container that was removed after it was listed', async () => {
  const gone = { status: 404, text: '{"message":"No such container"}' };
  const { engine, http } = setUp([
    ping('1.41'),
    { call: `GET http://docker/v1.41/${list}`, answer: { text: fixture('containers') } },
    { call: `GET http://docker/v1.41/containers/${ids[0]}/json`, answer: gone },
    { call: `GET http://docker/v1.41/containers/${ids[1]}/json`, answer: { text: fixture('inspect-litellm-db') } },
  ]);
  expect((await engine.containers(ofProject)).map(containerName)).toEqual(['rt-trial-litellm-db-1']);
  http.assertDone();
});

test('lists volumes and networks, also when there are none', async () => {
  const filters = 'filters={"label":["com.docker.compose.project=rt-trial"]}';
  const { engine, http } = setUp([
    ping('1.41'),
    { call: `GET http://docker/v1.41/volumes?${filters}`, answer: { json: { Volumes: [{ Name: 'rt-trial_data' }] } } },
    { call: `GET http://docker/v1.41/volumes?${filters}`, answer: { json: { Volumes: null } } },
    { call: `GET http://docker/v1.41/networks?${filters}`, answer: { json: [{ Name: 'rt-trial_default' }] } },
  ]);
  expect(await engine.volumes(ofProject)).toEqual(['rt-trial_data']);
  expect(await engine.volumes(ofProject)).toEqual([]);
  expect(await engine.networks(ofProject)).toEqual(['rt-trial_default']);
  http.assertDone();
});

test.each([['hasVolume', 'shop_data', '/volumes/shop_data']] as const)(
  '%s returns whether the engine finds it',
  async (method, name, path) => {
    const { engine, http } = setUp([
      ping('1.41'),
      { call: `GET http://docker/v1.41${path}`, answer: { json: { Name: name } } },
      { call: `GET http://docker/v1.41${path}`, answer: { status: 404, json: { message: 'no such thing' } } },
    ]);
    expect(await engine[method](name)).toBe(true);
    expect(await engine[method](name)).toBe(false);
    http.assertDone();
  },
);

test.each([
  ['ENOENT', 'linux', 'Start it: sudo systemctl start docker'],
  ['ECONNREFUSED', 'linux', 'Start it: sudo systemctl start docker'],
  ['ETIMEDOUT', 'darwin', 'Start Docker Desktop'],
  ['ENOENT', 'win32', 'Start Docker Desktop'],
] as const)('reports %s as an engine that is not responding', async (code, platform, hint) => {
  const { engine, http } = setUp([{ call: 'HEAD http://docker/_ping', answer: { code } }], platform);
  await expect(engine.info()).rejects.toMatchObject({
    code: 'engine_unreachable',
    exitCode: EXIT.prerequisite,
    retryable: true,
    message: `The Docker engine at unix:///var/run/docker.sock is not responding (${code})`,
    hint,
  });
  http.assertDone();
});

test.each(['EACCES', 'EPERM'])('reports a socket without permission: %s', async (code) => {
  const { engine } = setUp([{ call: 'HEAD http://docker/_ping', answer: { code } }]);
  await expect(engine.info()).rejects.toMatchObject({
    code: 'engine_permission',
    exitCode: EXIT.prerequisite,
    message: 'Permission denied: cannot use the Docker engine at unix:///var/run/docker.sock',
    hint: expect.stringMatching(
      /rootless.*\nOr join the docker group, then log in again: sudo usermod -aG docker \$USER$/s,
    ),
  });
});

test('switches to the newest version of an engine that no longer supports its own', async () => {
  const message = 'client version 1.47 is too old. Minimum supported API version is 1.48, please upgrade your client';
  const info = { ID: 'ABCD', OSType: 'linux', Architecture: 'x86_64' };
  const { engine, http } = setUp([
    ping('1.60'),
    { call: 'GET http://docker/v1.47/info', answer: { status: 400, json: { message } } },
    { call: 'GET http://docker/v1.60/info', answer: { json: info } },
    { call: 'GET http://docker/v1.60/volumes/x', answer: { json: { Name: 'x' } } },
  ]);
  expect(await engine.info()).toMatchObject({ ID: 'ABCD' });
  expect(await engine.hasVolume('x')).toBe(true);
  http.assertDone();
});

test('names the Windows group to a user without permission for the pipe', async () => {
  const { engine } = setUp([{ call: 'HEAD http://docker/_ping', answer: { code: 'EACCES' } }], 'win32');
  await expect(engine.info()).rejects.toMatchObject({
    code: 'engine_permission',
    exitCode: EXIT.prerequisite,
    hint: 'As an administrator, join the group docker-users, then sign in again: net localgroup docker-users $env:USERNAME /add',
  });
});

test.each([
  [503, { message: 'starting up' }, 'engine_unreachable', /HTTP 503: starting up/, /systemctl start docker/],
  [500, { message: 'publish is an invalid filter' }, 'engine_unsupported', /HTTP 500: publish is an/, /Update Docker/],
  [
    400,
    { message: 'client version 1.47 is too new' },
    'engine_unsupported',
    /HTTP 400: client version/,
    /Update Docker/,
  ],
  [200, { nothing: true }, 'engine_unsupported', /unknown response format/, /Update Docker/],
])('reports the response %i %j', async (status, json, code, message, hint) => {
  const { engine } = setUp([ping('1.41'), { call: 'GET http://docker/v1.41/info', answer: { status, json } }]);
  await expect(engine.info()).rejects.toMatchObject({
    code,
    exitCode: EXIT.prerequisite,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });
});

test('reports an engine that is stopped behind its socket', async () => {
  const { engine } = setUp([{ call: 'HEAD http://docker/_ping', answer: { status: 500 } }]);
  await expect(engine.info()).rejects.toMatchObject({
    code: 'engine_unreachable',
    exitCode: EXIT.prerequisite,
    message: 'The Docker engine at unix:///var/run/docker.sock is not responding (HTTP 500)',
    hint: 'Start it: sudo systemctl start docker',
  });
});

test('finds the container that publishes a port without a filter unknown to Podman', async () => {
  const listed = [
    { Id: ids[0], Ports: [{ PrivatePort: 4000, PublicPort: 4877, Type: 'tcp' }] },
    { Id: ids[1], Ports: [{ PrivatePort: 5432, Type: 'tcp' }] },
    { Id: 'without' },
  ];
  const { engine, http } = setUp([
    ping('1.41'),
    { call: 'GET http://docker/v1.41/containers/json', answer: { json: listed } },
    { call: `GET http://docker/v1.41/containers/${ids[0]}/json`, answer: { text: fixture('inspect-litellm') } },
  ]);
  expect((await engine.containers({ key: 'publish', value: '4877' })).map(containerName)).toEqual([
    'rt-trial-litellm-1',
  ]);
  http.assertDone();
});

test('asks for the version again after the engine was down', async () => {
  const info = { ID: 'ABCD', OSType: 'linux', Architecture: 'x86_64' };
  const { engine, http } = setUp([
    { call: 'HEAD http://docker/_ping', answer: { code: 'ENOENT' } },
    ping('1.41'),
    { call: 'GET http://docker/v1.41/info', answer: { json: info } },
  ]);
  await expect(engine.info()).rejects.toMatchObject({ code: 'engine_unreachable' });
  expect(await engine.info()).toMatchObject({ ID: 'ABCD', MemTotal: 0 });
  http.assertDone();
});

test('ends with the reason of its signal', async () => {
  const reason = new Error('interrupted');
  const { engine } = setUp([], 'linux', AbortSignal.abort(reason));
  await expect(engine.info()).rejects.toBe(reason);
});

const runs = { Entrypoint: ['docker/prod_entrypoint.sh'], Cmd: ['--port', '4000'] };

test.each([
  ['both', { Config: runs }, { entrypoint: runs.Entrypoint, command: runs.Cmd }],
  ['neither', { Config: { Entrypoint: null } }, { entrypoint: [], command: [] }],
  ['another form', { Config: { Entrypoint: 'start.sh' } }, undefined],
])('imageCommand returns the command of an image: %s', async (_, json, command) => {
  const call = 'GET http://docker/v1.41/images/l:1/json';
  const absent = { status: 404, json: { message: 'no such image' } };
  const { engine, http } = setUp([ping('1.41'), { call, answer: { json } }, { call, answer: absent }]);
  expect(await engine.imageCommand('l:1')).toEqual(command);
  expect(await engine.imageCommand('l:1')).toBeUndefined();
  http.assertDone();
});

test.each([
  ['the registry uses', { Id: 'sha256:id', RepoDigests: ['ghcr.io/x@sha256:digest'] }, 'sha256:digest'],
  ['the engine assigned to an image that was built here', { Id: 'sha256:id', RepoDigests: [] }, 'sha256:id'],
])('imageDigest returns the digest that %s', async (_, json, digest) => {
  const call = 'GET http://docker/v1.41/images/ghcr.io/berriai/litellm:v1/json';
  const { engine, http } = setUp([
    ping('1.41'),
    { call, answer: { json } },
    { call, answer: { status: 404, json: { message: 'no such image' } } },
  ]);
  expect(await engine.imageDigest('ghcr.io/berriai/litellm:v1')).toBe(digest);
  expect(await engine.imageDigest('ghcr.io/berriai/litellm:v1')).toBeUndefined();
  http.assertDone();
});
