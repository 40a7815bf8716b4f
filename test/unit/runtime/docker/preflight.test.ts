import { expect, test } from 'vitest';
import type { RunResult } from '../../../../src/io/processes/runner.ts';
import { CliError, EXIT } from '../../../../src/model/errors.ts';
import { dockerCli } from '../../../../src/runtime/docker/engine/docker-cli.ts';
import type { EngineClient, EngineInfo } from '../../../../src/runtime/docker/engine/engine-client.ts';
import { preflight } from '../../../../src/runtime/docker/preflight.ts';
import { fakeRunner } from '../../../support/fake-runner.ts';

const linux: EngineInfo = {
  ID: 'ABCD',
  OSType: 'linux',
  Architecture: 'x86_64',
  MemTotal: 1,
  ServerVersion: '28.5.2',
  SystemTime: '2026-01-01T00:00:00Z',
  DockerRootDir: '/var/lib/docker',
};

function check(compose: Partial<RunResult>, info: Partial<EngineInfo> | CliError = {}) {
  const runner = fakeRunner([{ line: 'docker compose version --short', result: compose }]);
  const engine = {
    info: async () => {
      if (info instanceof CliError) throw info;
      return { ...linux, ...info };
    },
  } as EngineClient;
  return preflight(dockerCli({ runner, env: {}, signal: new AbortController().signal }), engine, 'unix:///x.sock');
}

test.each(['2.21.0', '2.26.1-4', 'v2.40.3', '2.40.3-desktop.1', '5.1.0', 'dev'])(
  'accepts Compose %s',
  async (version) => {
    expect(await check({ stdout: `${version}\n` })).toEqual({ endpoint: 'unix:///x.sock', id: 'ABCD' });
  },
);

test.each(['aarch64', 'arm64', 'amd64'])('accepts %s', async (Architecture) => {
  expect(await check({ stdout: '2.26.1' }, { Architecture })).toMatchObject({ id: 'ABCD' });
});

test('identifies an engine without an id by its address', async () => {
  expect(await check({ stdout: '2.26.1' }, { ID: '' })).toEqual({ endpoint: 'unix:///x.sock', id: 'unix:///x.sock' });
});

test('reports a missing docker before an engine that is down', async () => {
  const down = new CliError('engine_unreachable', 'down');
  await expect(check({ outcome: 'not-found', exitCode: -1 }, down)).rejects.toMatchObject({
    code: 'docker_missing',
    exitCode: EXIT.prerequisite,
    message: 'docker not found on PATH',
    hint: 'Install Docker: https://docs.docker.com/get-docker/',
  });
});

test.each([
  [1, "docker: unknown command: docker compose\n\nRun 'docker --help' for more information"],
  [1, "docker: 'compose' is not a docker command.\nSee 'docker --help'"],
  [125, "unknown shorthand flag: 's' in -short"],
])('reports a missing Compose plugin: %i %s', async (exitCode, stderr) => {
  await expect(check({ exitCode, stderr })).rejects.toMatchObject({
    code: 'compose_missing',
    exitCode: EXIT.prerequisite,
    message: 'The Docker Compose plugin is not installed',
    hint: 'Install it: https://docs.docker.com/compose/install/',
    details: { exitCode },
  });
});

test.each(['stdout', 'stderr'])("reports Docker Desktop's stand-in in a WSL distribution: %s", async (stream) => {
  const text =
    "\nThe command 'docker' could not be found in this WSL 2 distro.\nWe recommend to activate the WSL integration";
  await expect(check({ exitCode: 1, [stream]: text })).rejects.toMatchObject({
    code: 'docker_missing',
    exitCode: EXIT.prerequisite,
    message: 'docker is not available in this WSL distribution',
    hint: 'Turn on WSL integration for it in Docker Desktop: Settings, Resources, WSL integration',
  });
});

test.each(['2.20.3', 'v2.17.0', '1.29.2', '2.6'])('reports Compose %s as too old', async (found) => {
  await expect(check({ stdout: `${found}\n` })).rejects.toMatchObject({
    code: 'compose_too_old',
    exitCode: EXIT.prerequisite,
    message: `Docker Compose ${found} is too old: agents-llm needs 2.21.0 or later`,
    hint: 'Update it: https://docs.docker.com/compose/install/',
    details: { found, needed: '2.21.0' },
  });
});

test('passes on the error of the engine', async () => {
  const down = new CliError('engine_unreachable', 'down');
  await expect(check({ stdout: '2.26.1' }, down)).rejects.toBe(down);
});

test.each([
  [
    { OSType: 'windows' },
    /runs windows containers, but agents-llm needs Linux containers$/,
    'Switch Docker Desktop to Linux containers',
  ],
  [
    { Architecture: 'riscv64' },
    /but LiteLLM has no image for it$/,
    'Use an engine on x86_64 or arm64: docker context use NAME',
  ],
])('refuses an engine with %j', async (info, message, hint) => {
  await expect(check({ stdout: '2.26.1' }, info)).rejects.toMatchObject({
    code: 'engine_unsupported',
    exitCode: EXIT.prerequisite,
    message: expect.stringMatching(message),
    hint,
  });
});
