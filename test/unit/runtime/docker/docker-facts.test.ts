import { expect, test } from 'vitest';
import { dockerFacts } from '../../../../src/runtime/docker/docker-facts.ts';
import { dockerCli } from '../../../../src/runtime/docker/engine/docker-cli.ts';
import { type EngineClient, EngineInfo } from '../../../../src/runtime/docker/engine/engine-client.ts';
import { caught } from '../../../support/caught.ts';
import { type FakeCommand, fakeRunner } from '../../../support/fake-runner.ts';

const full = {
  ID: 'ABCD',
  OSType: 'linux',
  Architecture: 'x86_64',
  MemTotal: 8e9,
  ServerVersion: '28.5.2',
  SystemTime: '2026-01-01T00:00:00.5Z',
  DockerRootDir: '/var/lib/docker',
};

function factsOf(info: Record<string, unknown>, commands: readonly FakeCommand[] = []) {
  const docker = dockerCli({ runner: fakeRunner(commands), env: {}, signal: new AbortController().signal });
  const engine = { info: async () => EngineInfo.parse(info) } as EngineClient;
  return dockerFacts(docker, async () => ({ engine, endpoint: 'unix:///x.sock' }));
}

test.each([
  ['Docker version 28.2.2, build e6534b4\n', '28.2.2'],
  ['Docker version 20.10.24+dfsg1, build 297e128\n', '20.10.24+dfsg1'],
  ['podman version 4.3.1\n', '4.3.1'],
  ['hello\n', 'of unknown version'],
])('finds in %j the version %s', async (stdout, version) => {
  const facts = factsOf(full, [{ line: 'docker --version', result: { stdout } }]);
  expect(await facts.cliVersion()).toBe(version);
});

test('reports a missing docker with a hint', async () => {
  const missing = [{ line: 'docker --version', result: { outcome: 'not-found', exitCode: -1 } }] as const;
  expect(await caught(() => factsOf(full, missing).cliVersion())).toMatchObject({
    code: 'docker_missing',
    exitCode: 5,
    hint: 'Install Docker: https://docs.docker.com/get-docker/',
  });
});

test('returns the version of Compose when it is usable', async () => {
  const answer = (stdout: string) => [{ line: 'docker compose version --short', result: { stdout } }];
  expect(await factsOf(full, answer('2.26.1-4\n')).composeVersion()).toBe('2.26.1-4');
  expect(await caught(() => factsOf(full, answer('2.20.0\n')).composeVersion())).toMatchObject({
    code: 'compose_too_old',
    exitCode: 5,
  });
});

test('recognises Podman by its Buildah component', async () => {
  expect(await factsOf({ ...full, BuildahVersion: '1.28.2' }).engine()).toMatchObject({ product: 'Podman' });
});

test('returns kind, resources and clock of the engine', async () => {
  expect(await factsOf(full).engine()).toEqual({
    endpoint: 'unix:///x.sock',
    id: 'ABCD',
    product: 'Docker',
    version: '28.5.2',
    memory: 8e9,
    time: Date.UTC(2026, 0, 1, 0, 0, 0, 500),
    storage: '/var/lib/docker',
  });
});

test('accepts an engine that omits optional facts', async () => {
  expect(await factsOf({ ID: '', OSType: 'linux', Architecture: 'arm64' }).engine()).toEqual({
    endpoint: 'unix:///x.sock',
    id: 'unix:///x.sock',
    product: 'Docker',
    version: 'of unknown version',
    memory: 0,
    time: null,
    storage: '',
  });
});

test('refuses an engine that cannot run the stack', async () => {
  expect(await caught(() => factsOf({ ...full, OSType: 'windows' }).engine())).toMatchObject({
    code: 'engine_unsupported',
    exitCode: 5,
    hint: 'Switch Docker Desktop to Linux containers',
  });
});
