import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { projectPaths } from '../../../../src/model/paths.ts';
import { dockerRuntime } from '../../../../src/runtime/docker/docker-runtime.ts';
import type { Machine } from '../../../../src/runtime/responder.ts';
import { fakeClock } from '../../../support/fake-clock.ts';
import { fakeFiles } from '../../../support/fake-files.ts';
import { type FakeExchange, fakeHttp } from '../../../support/fake-http.ts';
import { fakeProcesses } from '../../../support/fake-processes.ts';
import { type FakeCommand, fakeRunner } from '../../../support/fake-runner.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/docker/${name}.json`, import.meta.url), 'utf8');
const ids = (JSON.parse(fixture('containers')) as { Id: string }[]).map(({ Id }) => Id);
const api = 'GET http://docker/v1.41';
const filters = 'filters={"label":["com.docker.compose.project=rt-trial"]}';
const ping: FakeExchange = { call: 'HEAD http://docker/_ping', answer: { headers: { 'api-version': '1.41' } } };
const containers: readonly FakeExchange[] = [
  ping,
  { call: `${api}/containers/json?all=1&${filters}`, answer: { text: fixture('containers') } },
  { call: `${api}/containers/${ids[0]}/json`, answer: { text: fixture('inspect-litellm') } },
  { call: `${api}/containers/${ids[1]}/json`, answer: { text: fixture('inspect-litellm-db') } },
];
const spec = { project: 'rt-trial', bind: '127.0.0.1', port: 4877, image: 'l:1', databaseImage: 'p:1' };
const up =
  'docker compose -p rt-trial --project-directory /h/rt-trial -f /p/docker-compose.yml -f /p/templates/compose.fast-start.yml --env-file /h/rt-trial/.env --env-file /h/rt-trial/compose.env up -d --pull never';

function setUp(
  exchanges: readonly FakeExchange[],
  commands: readonly FakeCommand[] = [],
  env: Record<string, string> = {},
) {
  const http = fakeHttp(exchanges);
  const runner = fakeRunner(commands);
  const machine: Machine = {
    env,
    home: '/home/me',
    platform: 'linux',
    uid: 1000,
    files: fakeFiles({ '/h/rt-trial/.env': 'A=b\n' }),
    runner,
    http,
    processes: fakeProcesses(),
    clock: fakeClock(),
    ports: {
      probe: () => Promise.reject(new Error('a look at a port')),
      findFree: () => Promise.reject(new Error('a free port')),
    },
  };
  const runtime = dockerRuntime({
    machine,
    project: 'rt-trial',
    paths: projectPaths('/h', 'rt-trial'),
    composeFile: '/p/docker-compose.yml',
    templates: '/p/templates',
    signal: new AbortController().signal,
  });
  const assertDone = () => {
    http.assertDone();
    runner.assertDone();
  };
  return { runtime, runner, assertDone };
}

test('asks a local engine for the services without a child process', async () => {
  const { runtime, assertDone } = setUp(containers);
  expect((await runtime.services()).map(({ service, status }) => [service, status])).toEqual([
    ['litellm-db', 'running'],
    ['litellm', 'running'],
  ]);
  assertDone();
});

test('asks a remote engine through the docker CLI', async () => {
  const line = 'docker ps -aq --no-trunc --filter label=com.docker.compose.project=rt-trial';
  const { runtime, assertDone } = setUp([], [{ line }], { DOCKER_HOST: 'ssh://far' });
  expect(await runtime.endpoint()).toBe('ssh://far');
  expect(await runtime.services()).toEqual([]);
  assertDone();
});

test('lists the containers, volumes and networks of the stack', async () => {
  const { runtime, assertDone } = setUp([
    ...containers,
    { call: `${api}/volumes?${filters}`, answer: { json: { Volumes: [{ Name: 'rt-trial_other' }] } } },
    { call: `${api}/networks?${filters}`, answer: { json: [{ Name: 'rt-trial_default' }] } },
    // Made by hand, it has no label; Compose deletes it all the same.
    { call: `${api}/volumes/rt-trial_litellm_pgdata`, answer: { json: {} } },
  ]);
  expect(await runtime.inventory()).toEqual({
    containers: ['rt-trial-litellm-1', 'rt-trial-litellm-db-1'],
    volumes: ['rt-trial_litellm_pgdata', 'rt-trial_other'],
    networks: ['rt-trial_default'],
  });
  assertDone();
});

test('finds the data by the name of the volume', async () => {
  const volume = 'rt-trial_litellm_pgdata';
  const users = `${api}/containers/json?all=1&filters={"volume":["${volume}"]}`;
  const { runtime, assertDone } = setUp([
    ...containers,
    { call: `${api}/volumes/${volume}`, answer: { json: { Name: volume } } },
    { call: users, answer: { text: '[]' } },
  ]);
  expect(await runtime.dataPlace()).toEqual({
    volume,
    mounted: volume,
    sharedWith: [],
  });
  assertDone();
});

test('reaches the database inside its container, with SQL only on stdin', async () => {
  const psql = `docker exec -i -e PGCONNECT_TIMEOUT -e AGENTS_LLM_CALL ${ids[1]} psql -X -q -A -t -v ON_ERROR_STOP=1 -U litellm -d litellm -f -`;
  const { runtime, runner, assertDone } = setUp(containers, [{ line: psql, result: { stdout: '1\n' } }]);
  expect(await runtime.database.sql("SELECT 'a secret'")).toBe('1\n');
  expect(runner.calls[0]?.options.stdin).toEqual({ text: expect.stringMatching(/;\nSELECT 'a secret'$/) });
  assertDone();
});

test('starts, stops and removes with Compose', async () => {
  const head = up.slice(0, up.indexOf(' -f /p/templates'));
  const image = { call: 'GET http://docker/v1.41/images/l:1/json', answer: { json: { Config: {} } } };
  const looks = [...containers, image].map((exchange) => ({ ...exchange, repeat: true }));
  const { runtime, assertDone } = setUp(looks, [{ line: up }, { line: `${head} stop` }, { line: `${head} down -v` }]);
  await runtime.start(spec, { recreate: [], signal: new AbortController().signal });
  await runtime.stop();
  await runtime.remove({ volumes: true });
  assertDone();
});

test('stops a start on either signal', async () => {
  const reason = new Error('time is up');
  const { runtime } = setUp([]);
  await expect(runtime.start(spec, { recreate: [], signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test.each([
  ['always', ['docker pull p:1', 'docker pull l:1', up]],
  [
    'missing',
    [
      "docker image inspect --format '{{.Id}}' p:1 || docker pull p:1",
      "docker image inspect --format '{{.Id}}' l:1 || docker pull l:1",
      up,
    ],
  ],
  ['never', [up]],
] as const)('plans a start with the pull policy %s', async (policy, lines) => {
  expect(await setUp([]).runtime.plan(spec, policy)).toEqual(lines);
});
