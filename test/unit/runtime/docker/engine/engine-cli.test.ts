import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXIT } from '../../../../../src/model/errors.ts';
import { containerName } from '../../../../../src/runtime/docker/engine/container.ts';
import { dockerCli } from '../../../../../src/runtime/docker/engine/docker-cli.ts';
import { engineCli } from '../../../../../src/runtime/docker/engine/engine-cli.ts';
import { type FakeCommand, fakeRunner } from '../../../../support/fake-runner.ts';

const recorded = readFileSync(new URL('../../../../fixtures/docker/inspect-litellm.json', import.meta.url), 'utf8');
const ofProject = { key: 'label', value: 'com.docker.compose.project=shop' } as const;
const filter = '--filter label=com.docker.compose.project=shop';
const info = 'docker info --format {{json .}}';

function setUp(table: readonly FakeCommand[]) {
  const runner = fakeRunner(table);
  const docker = dockerCli({ runner, env: { DOCKER_HOST: 'ssh://far' }, signal: new AbortController().signal });
  return { runner, engine: engineCli(docker, { endpoint: 'ssh://far', platform: 'linux' }) };
}

test('reads the facts of the engine', async () => {
  const stdout = '{"ID":"ABCD","OSType":"linux","Architecture":"aarch64","MemTotal":7}\n';
  const { engine, runner } = setUp([{ line: info, result: { stdout } }]);
  expect(await engine.info()).toEqual({
    ID: 'ABCD',
    OSType: 'linux',
    Architecture: 'aarch64',
    MemTotal: 7,
    ServerVersion: '',
    SystemTime: '',
    DockerRootDir: '',
  });
  expect(runner.calls[0]?.options.env).toEqual({ DOCKER_HOST: 'ssh://far' });
  runner.assertDone();
});

test('reports a server that is no engine, although docker info ends with 0', async () => {
  const result = {
    stdout: '{"ID":"","OSType":"","Architecture":"","ServerErrors":["404 Not Found"]}\n',
    stderr: 'request returned 404 Not Found for API route and version http://far/v1.50/info\n',
  };
  const { engine } = setUp([{ line: info, result }]);
  await expect(engine.info()).rejects.toMatchObject({
    code: 'engine_unreachable',
    exitCode: EXIT.prerequisite,
    message: expect.stringContaining('is not responding (request returned 404 Not Found for API route'),
  });
});

test('inspects listed containers, except those removed since', async () => {
  const { engine, runner } = setUp([
    { line: `docker ps -aq --no-trunc ${filter}`, result: { stdout: 'aaa\nbbb\n' } },
    {
      line: 'docker inspect --type container aaa bbb',
      result: {
        exitCode: 1,
        stdout: `[${recorded}]\n`,
        stderr: 'Error response from daemon: No such container: bbb\n',
      },
    },
  ]);
  expect((await engine.containers(ofProject)).map(containerName)).toEqual(['rt-trial-litellm-1']);
  runner.assertDone();
});

test('inspects nothing when the list is empty', async () => {
  const { engine, runner } = setUp([{ line: `docker ps -aq --no-trunc ${filter}` }]);
  expect(await engine.containers(ofProject)).toEqual([]);
  runner.assertDone();
});

test('lists volumes and networks', async () => {
  const { engine, runner } = setUp([
    { line: `docker volume ls --format {{.Name}} ${filter}`, result: { stdout: 'a\nb\n' } },
    { line: `docker network ls --format {{.Name}} ${filter}`, result: { stdout: 'c\n' } },
  ]);
  expect(await engine.volumes(ofProject)).toEqual(['a', 'b']);
  expect(await engine.networks(ofProject)).toEqual(['c']);
  runner.assertDone();
});

test.each([['hasVolume', 'docker volume inspect --format {{.Name}} shop', 'get shop: no such volume']] as const)(
  '%s returns whether docker finds it',
  async (method, line, stderr) => {
    const absent = { exitCode: 1, stderr: `Error response from daemon: ${stderr}\n` };
    const { engine, runner } = setUp([
      { line, result: { stdout: 'shop\n' } },
      { line, result: absent },
    ]);
    expect(await engine[method]('shop')).toBe(true);
    expect(await engine[method]('shop')).toBe(false);
    runner.assertDone();
  },
);

test.each([
  [
    'a dead engine',
    { exitCode: 1, stderr: 'Cannot connect to the Docker daemon at ssh://far. Is it running?' },
    /connection failed/,
  ],
  ['time that is up', { outcome: 'timeout', exitCode: 130 }, /timed out/],
  [
    'another failure',
    { exitCode: 255, stderr: 'debug1: reading\nssh: Could not resolve hostname far\n' },
    /\(ssh: Could not resolve hostname far\)$/,
  ],
] as const)('reports %s', async (_, result, message) => {
  const { engine } = setUp([{ line: info, result }]);
  await expect(engine.info()).rejects.toMatchObject({
    code: 'engine_unreachable',
    exitCode: EXIT.prerequisite,
    message: expect.stringMatching(message),
    retryable: true,
    hint: 'See which engine Docker uses and whether it is running: docker context ls',
  });
});

test('reports an answer that it cannot parse', async () => {
  const { engine } = setUp([{ line: info, result: { stdout: 'no JSON' } }]);
  await expect(engine.info()).rejects.toMatchObject({
    code: 'engine_unsupported',
    exitCode: EXIT.prerequisite,
    message: expect.stringContaining('unknown response format'),
    hint: 'Update Docker: https://docs.docker.com/engine/install/',
  });
});

test('imageCommand returns the command of an image', async () => {
  const line = 'docker image inspect --format {{json .}} shop';
  const { engine, runner } = setUp([
    { line, result: { stdout: '{"Config":{"Entrypoint":["start.sh"],"Cmd":null}}\n' } },
    { line, result: { exitCode: 1, stderr: 'Error: No such image: shop\n' } },
  ]);
  expect(await engine.imageCommand('shop')).toEqual({ entrypoint: ['start.sh'], command: [] });
  expect(await engine.imageCommand('shop')).toBeUndefined();
  runner.assertDone();
});

test('imageDigest returns the digest of the registry', async () => {
  const line = 'docker image inspect --format {{json .}} shop';
  const { engine, runner } = setUp([
    { line, result: { stdout: '{"Id":"sha256:id","RepoDigests":["x@sha256:digest"]}\n' } },
    { line, result: { exitCode: 1, stderr: 'Error: No such image: shop\n' } },
  ]);
  expect(await engine.imageDigest('shop')).toBe('sha256:digest');
  expect(await engine.imageDigest('shop')).toBeUndefined();
  runner.assertDone();
});
