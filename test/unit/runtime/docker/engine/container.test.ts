import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  Container,
  containerName,
  projectOf,
  serviceState,
  serviceStates,
} from '../../../../../src/runtime/docker/engine/container.ts';

const recorded = (name: string) =>
  Container.parse(
    JSON.parse(readFileSync(new URL(`../../../../fixtures/docker/inspect-${name}.json`, import.meta.url), 'utf8')),
  );
const proxy = recorded('litellm');
const database = recorded('litellm-db');

const withState = (state: Partial<Container['State']>) => ({ ...proxy, State: { ...proxy.State, ...state } });
const withConfig = (config: Partial<Container['Config']>) => ({ ...proxy, Config: { ...proxy.Config, ...config } });
const state = (container: Container) => serviceState('litellm', container);

test('reads a recorded stack, in starting order', () => {
  expect(serviceStates([proxy, database])).toEqual([
    {
      service: 'litellm-db',
      id: database.Id,
      status: 'running',
      health: 'healthy',
      restarts: 0,
      exitCode: 0,
      error: '',
      startedAt: Date.parse(database.State.StartedAt),
      image: 'postgres:16-alpine',
      version: '16',
      published: null,
      container: 'rt-trial-litellm-db-1',
    },
    {
      service: 'litellm',
      id: proxy.Id,
      status: 'running',
      health: 'healthy',
      restarts: 0,
      exitCode: 0,
      error: '',
      startedAt: Date.parse(proxy.State.StartedAt),
      image: 'ghcr.io/berriai/litellm:v1.108.11',
      version: '1.108.11',
      published: { bind: '127.0.0.1', port: 4877 },
      container: 'rt-trial-litellm-1',
    },
  ]);
});

test('reads the HTTPS port, all ports and the revision of a reverse proxy', () => {
  const { HostConfig, Config, ...rest } = proxy;
  const binding = (HostPort: string) => [{ HostIp: '0.0.0.0', HostPort }];
  const PortBindings = { '8080/tcp': binding('80'), '8443/tcp': binding('443') };
  const Labels = { ...Config.Labels, 'com.docker.compose.service': 'litellm-tls', 'agents-llm.revision': 'r1' };
  const container = { ...rest, HostConfig: { ...HostConfig, PortBindings }, Config: { ...Config, Labels } };
  expect(serviceStates([container, proxy])).toMatchObject([
    { service: 'litellm' },
    { service: 'litellm-tls', published: { bind: '0.0.0.0', port: 443 }, ports: [80, 443], revision: 'r1' },
  ]);
});

test('names the container and its project', () => {
  expect(containerName(proxy)).toBe('rt-trial-litellm-1');
  expect(projectOf(proxy)).toBe('rt-trial');
});

test('reads a container of which only id and state are known', () => {
  const bare = Container.parse({
    Id: 'a',
    State: { Status: 'exited' },
    Config: {},
    HostConfig: { PortBindings: null },
  });
  expect(state(bare)).toEqual({
    service: 'litellm',
    id: 'a',
    status: 'exited',
    health: 'none',
    restarts: 0,
    exitCode: 0,
    error: '',
    startedAt: null,
    image: '',
    version: null,
    published: null,
  });
});

test('returns no start time for a container that has never run', () => {
  expect(state(withState({ StartedAt: '0001-01-01T00:00:00Z' })).startedAt).toBeNull();
});

test('returns how the container ended and how often it was restarted', () => {
  const ended = { ...withState({ Status: 'restarting', ExitCode: 128, Error: 'no port' }), RestartCount: 4 };
  expect(state(ended)).toMatchObject({ status: 'restarting', exitCode: 128, error: 'no port', restarts: 4 });
});

test.each([
  ['paused', 'paused'],
  ['dead', 'dead'],
  ['stopped', 'exited'],
  ['configured', 'created'],
])('reads the status %s as %s', (status, expected) => {
  expect(state(withState({ Status: status })).status).toBe(expected);
});

test.each([
  [null, 'none'],
  [{ Status: '' }, 'none'],
  [{ Status: 'starting' }, 'starting'],
  [{ Status: 'unhealthy' }, 'unhealthy'],
])('reads the health %j as %s', (Health, expected) => {
  expect(state(withState({ Health })).health).toBe(expected);
});

test.each([
  ['postgres:16-alpine', ['PG_VERSION=16.14'], '16.14'],
  ['postgres:16.4-alpine3.20', [], '16.4'],
  ['localhost:5000/litellm', [], null],
  ['ghcr.io/berriai/litellm:main-v1.80.0-stable', [], '1.80.0'],
  ['ghcr.io/berriai/litellm:v1.80.0rc1', [], '1.80.0rc1'],
  ['ghcr.io/berriai/litellm:main-latest', [], null],
  ['ghcr.io/berriai/litellm:sha-3f2a91c', [], null],
  ['litellm:v1.2.3@sha256:0123abcd', [], '1.2.3'],
])('finds the version of %s with %j', (Image, Env, expected) => {
  expect(state(withConfig({ Image, Env })).version).toBe(expected);
});

test.each([
  [{ '4000/tcp': [{ HostIp: '', HostPort: '4000' }] }, { bind: '0.0.0.0', port: 4000 }],
  [{ '4000/tcp': null }, null],
  [{ '4000/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] }, null],
])('finds the port in %j', (PortBindings, expected) => {
  expect(state({ ...proxy, HostConfig: { ...proxy.HostConfig, PortBindings } }).published).toEqual(expected);
});

test('ignores one-off containers and unknown services', () => {
  const labelled = (name: string, value: string) =>
    withConfig({ Labels: { ...proxy.Config.Labels, [`com.docker.compose.${name}`]: value } });
  expect(serviceStates([labelled('oneoff', 'True'), labelled('service', 'ui')])).toEqual([]);
});

test('prefers the running one of two containers of a service, then the newer one', () => {
  const old = { ...withState({ Status: 'exited' }), Id: 'old', Created: '2026-01-01T00:00:00Z' };
  const young = { ...withState({ Status: 'created' }), Id: 'new', Created: '2026-01-02T00:00:00Z' };
  const ids = (...containers: Container[]) => serviceStates(containers).map(({ id }) => id);
  expect(ids(old, young)).toEqual(['new']);
  expect(ids(young, { ...old, State: { ...old.State, Status: 'running' } })).toEqual(['old']);
});

test.each([
  [{ Memory: 4 * 1024 ** 3 }, 'it was killed because it needed more memory than its limit of 4g'],
  [{ Memory: 0 }, 'it was killed because it needed more memory than there is'],
])('says that the memory limit killed a container: %j', (host, error) => {
  const killed = {
    ...withState({ Status: 'exited', ExitCode: 137, OOMKilled: true }),
    ...{ HostConfig: { ...proxy.HostConfig, ...host } },
  };
  expect(state(killed)).toMatchObject({ status: 'exited', exitCode: 137, error });
  expect(state({ ...killed, State: { ...killed.State, Status: 'running' } }).error).toBe('');
});
