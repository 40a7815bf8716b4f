import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { keptKeys } from '../../../src/litellm/keys/kept-keys.ts';
import { projectPaths } from '../../../src/model/paths.ts';
import { Secret } from '../../../src/model/secret.ts';
import { acquireLock, type LockDeps } from '../../../src/project/lock.ts';
import { readState, type StackState, writeState } from '../../../src/project/state.ts';
import { caught } from '../../support/caught.ts';
import { fakeClock } from '../../support/fake-clock.ts';
import { type FakeFiles, fakeFiles } from '../../support/fake-files.ts';

/** As on macOS and Windows: names that differ by case mean the same file. */
function caseInsensitiveFiles(): FakeFiles {
  const files = fakeFiles();
  const folded = (path: string) => path.toLowerCase();
  return {
    ...files,
    read: (path) => files.read(folded(path)),
    write: (path, text, mode) => files.write(folded(path), text, mode),
    create: (path, text, mode) => files.create(folded(path), text, mode),
    list: (path) => files.list(folded(path)),
    remove: (path) => files.remove(folded(path)),
  };
}

const [one, other] = ['/Users/Ann/Stacks', '/users/ann/stacks'].map((home) => projectPaths(home, 'shop'));
if (!one || !other) throw new Error('no paths');

const options = { command: 'up', waitMs: 0, signal: new AbortController().signal, onWait: () => {} };

test('a folder in two spellings has one lock', async () => {
  const files = caseInsensitiveFiles();
  const deps = (pid: number): LockDeps => ({
    files,
    clock: fakeClock(),
    processes: { identity: async (id) => `process ${id}` },
    pid,
    randomBytes,
  });
  const lock = await acquireLock(deps(1), one.lock, options);
  const error = await caught(() => acquireLock(deps(2), other.lock, options));
  expect(error).toMatchObject({ code: 'stack_locked', exitCode: 7, details: { pid: 1 } });
  expect(error.hint).toContain('Wait until it ends');
  await lock.release();
  await acquireLock(deps(2), other.lock, options);
});

test('a folder in two spellings has one state', async () => {
  const files = caseInsensitiveFiles();
  const state: StackState = {
    ...({ schemaVersion: 1, runtime: 'docker', project: 'shop', bind: '127.0.0.1', port: 4007 } as const),
    ...{ image: 'l:v1', databaseImage: 'p:16', createdAt: '2026-01-01T00:00:00.000Z' },
    engine: { endpoint: 'unix:///Users/ann/.docker/run/docker.sock', id: 'abc' },
  };
  await writeState(files, one, state);
  expect(await readState(files, other)).toMatchObject(state);
});

test('virtual keys whose names differ by case have files of their own', async () => {
  const files = caseInsensitiveFiles();
  const kept = keptKeys(files, one.keys, { url: 'http://127.0.0.1:4000', own: true });
  const names = ['app', 'App', 'APP'];
  for (const name of names) await kept.write(name, new Secret(`sk-${name}`));
  expect(await Promise.all(names.map(async (name) => (await kept.read(name))?.reveal()))).toEqual([
    'sk-app',
    'sk-App',
    'sk-APP',
  ]);
  expect((await kept.list()).map(({ alias }) => alias).sort()).toEqual(['APP', 'App', 'app']);
});
