import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dataPlace } from '../../../../src/runtime/docker/data-place.ts';
import { Container } from '../../../../src/runtime/docker/engine/container.ts';
import type { EngineClient } from '../../../../src/runtime/docker/engine/engine-client.ts';

const recorded = new URL('../../../fixtures/docker/inspect-litellm-db.json', import.meta.url);
const database = Container.parse(JSON.parse(readFileSync(recorded, 'utf8')));
const volume = 'rt-trial_litellm_pgdata';
const label = { key: 'label', value: 'com.docker.compose.project=rt-trial' } as const;
const mount = (Destination: string, Name: string, Source = `/volumes/${Name}`) => ({
  Type: 'volume',
  Name,
  Source,
  Destination,
});

function look(container: Container | undefined, users: readonly Container[] = [], found = true) {
  const engine = {
    hasVolume: async (name: string) => found && name === volume,
    containers: async ({ key }: { key: string }) => (key === 'volume' ? users : container ? [container] : []),
  } as unknown as EngineClient;
  return dataPlace(engine, 'rt-trial', label);
}

test('finds the volume of the project in a recorded answer', async () => {
  expect(await look(database, [database])).toEqual({
    volume,
    mounted: volume,
    sharedWith: [],
  });
});

test('finds nothing before the first start', async () => {
  expect(await look(undefined, [], false)).toEqual({ volume: null, mounted: null, sharedWith: [] });
});

test.each([
  ['an anonymous volume', [mount('/var/lib/postgresql/data', 'f'.repeat(64))], 'f'.repeat(64)],
  ['a folder of the host', [mount('/var/lib/postgresql', '', '/srv/pg')], '/srv/pg'],
  ['the innermost of several', [mount('/var/lib', 'outer'), mount('/var/lib/postgresql/data', 'inner')], 'inner'],
  ['nothing when the mount is elsewhere', [mount('/var/lib/postgresql/database', volume)], null],
])('finds %s', async (_, Mounts, mounted) => {
  expect(await look({ ...database, Mounts })).toMatchObject({ mounted });
});

test('follows PGDATA', async () => {
  const Config = { ...database.Config, Env: ['PGDATA=/data/pg'] };
  expect(await look({ ...database, Config, Mounts: [mount('/data', 'own')] })).toMatchObject({ mounted: 'own' });
});

test('names the containers of other projects that mount the volume', async () => {
  const Config = { ...database.Config, Labels: { 'com.docker.compose.project': 'shop' } };
  const other = { ...database, Name: '/shop-db-1', Config };
  const bare = { ...other, Name: '/by-hand', Config: { ...Config, Labels: {} } };
  const { sharedWith } = await look(database, [database, other, bare]);
  expect(sharedWith).toEqual(['container shop-db-1 (project shop)', 'container by-hand']);
});
