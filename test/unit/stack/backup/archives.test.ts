import { beforeEach, describe, expect, test } from 'vitest';
import type { BackupManifest } from '../../../../src/stack/backup/archive-manifest.ts';
import {
  backupName,
  findBackup,
  listBackups,
  manifestOf,
  removeBackup,
  secretsOf,
  sweepTemporary,
} from '../../../../src/stack/backup/archives.ts';
import { type FakeFiles, fakeFiles } from '../../../support/fake-files.ts';

const paths = { backups: '/b' };
const manifest: BackupManifest = {
  schemaVersion: 1,
  project: 'shop',
  createdAt: '2026-01-01T00:00:00.000Z',
  reason: 'backup',
  image: 'l:1',
  databaseImage: 'p:1',
  postgres: '16.14',
  counts: { providers: 1, aliases: 2, keys: 3, teams: 0 },
  bytes: 4,
  sha256: 'sha256 of DUMP',
  fingerprints: { salt: 's', masterKey: ['a'], saltKey: ['b'], databasePassword: ['c'] },
};
const json = JSON.stringify(manifest);
let files: FakeFiles;

beforeEach(() => {
  files = fakeFiles({
    '/b/2026-01-01T000000Z.dump': 'DUMP',
    '/b/2026-01-01T000000Z.json': json,
    '/b/2026-01-02T000000Z-down.dump': 'DUM',
    '/b/2026-01-02T000000Z-down.json': json,
    '/b/2026-01-03T000000Z.dump': 'DUMP',
    '/b/2026-01-04T000000Z.dump.tmp': 'DU',
    '/elsewhere/mine': 'DUMP',
    '/elsewhere/mine.json': json,
  });
});

test.each([
  ['backup', '2026-11-24T131500Z.dump'],
  ['down', '2026-11-24T131500Z-down.dump'],
] as const)('builds a name from the time and the reason (%s)', (reason, name) => {
  expect(backupName(Date.UTC(2026, 10, 24, 13, 15, 0, 999), reason)).toBe(name);
});

test('names the files beside an archive', () => {
  expect([manifestOf('/b/x.dump'), secretsOf('/b/x.dump')]).toEqual(['/b/x.json', '/b/x.env']);
  expect(manifestOf('/b/mine')).toBe('/b/mine.json');
});

test('lists the newest backup first with its problems, without unfinished ones', async () => {
  expect((await listBackups(files, paths)).map(({ name, problem }) => [name, problem])).toEqual([
    ['2026-01-03T000000Z.dump', 'its manifest /b/2026-01-03T000000Z.json is missing or invalid'],
    ['2026-01-02T000000Z-down.dump', 'it has 3 bytes, but its manifest says 4'],
    ['2026-01-01T000000Z.dump', null],
  ]);
});

test('ignores a manifest with an unknown structure', async () => {
  await files.write('/b/2026-01-03T000000Z.json', '{"schemaVersion":2}', 0o600);
  expect((await listBackups(files, paths))[0]).toMatchObject({ manifest: null });
});

describe('findBackup', () => {
  test.each([
    ['latest', '/b/2026-01-01T000000Z.dump'],
    ['2026-01-01T000000Z', '/b/2026-01-01T000000Z.dump'],
    ['2026-01-01T000000Z.dump', '/b/2026-01-01T000000Z.dump'],
    ['mine', '/elsewhere/mine'],
    ['nothing', undefined],
  ])('resolves %s to %s: the newest complete backup, a listed name, or a path', async (name, file) => {
    expect((await findBackup(files, paths, { name, path: `/elsewhere/${name}` }))?.file).toBe(file);
  });
});

test('removes an archive together with the files beside it', async () => {
  await files.write('/b/2026-01-01T000000Z.env', 'A=b', 0o600);
  const found = (await listBackups(files, paths)).find(({ problem }) => problem === null);
  if (found) await removeBackup(files, found);
  expect(await files.list('/b')).not.toContain('2026-01-01T000000Z.env');
  expect((await files.list('/b')).filter((name) => name.startsWith('2026-01-01'))).toEqual([]);
});

test('removes the leftovers of a killed run', async () => {
  await sweepTemporary(files, paths);
  expect((await files.list('/b')).some((name) => name.endsWith('.tmp'))).toBe(false);
  expect(await files.list('/b')).toHaveLength(5);
});
