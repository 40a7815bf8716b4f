import { join } from 'node:path';
import { expect, test } from 'vitest';
import { environmentIn } from '../../../../src/runtime/native/install/install-steps.ts';
import { nativeFacts } from '../../../../src/runtime/native/native-facts.ts';
import { caught } from '../../../support/caught.ts';
import { type FakeFiles, fakeFiles } from '../../../support/fake-files.ts';
import { fakeRunner } from '../../../support/fake-runner.ts';

const passwd = { '/etc/passwd': 'me:x:1000:1000::/home/me:/bin/sh\n' };
const manifest = {
  schemaVersion: 1,
  lock: 'l',
  python: { executable: '/usr/bin/python3.12', version: '3.12.1' },
  sizes: {},
  installedAt: '',
  seconds: 1,
  bytes: 1,
};

interface Parts {
  readonly files?: FakeFiles;
  readonly platform?: NodeJS.Platform;
  readonly musl?: boolean;
  readonly installed?: boolean;
  readonly python?: string;
}

function factsOf({
  files = fakeFiles(passwd),
  platform = 'linux',
  musl = false,
  installed = false,
  python,
}: Parts = {}) {
  const asks = fakeRunner();
  const run: typeof asks.run = async ({ file }) =>
    file === 'python3.11'
      ? { outcome: 'exited', exitCode: 0, stdout: '/usr/bin/python3.11\n3.11.7\nTrue\n', stderr: '' }
      : { outcome: 'not-found', exitCode: -1, stdout: '', stderr: '' };
  return nativeFacts({
    files,
    platform,
    isMusl: () => musl,
    python,
    uid: 1000,
    data: '/h/pgdata',
    env: {},
    runner: { run },
    signal: new AbortController().signal,
    installed: async () => (installed ? environmentIn('/i/1.108.11', '3.12.1') : undefined),
  });
}

test('returns the Python of the installation', async () => {
  const files = fakeFiles({ ...passwd, [join('/i/1.108.11', 'agents-llm.json')]: JSON.stringify(manifest) });
  expect(await factsOf({ files, installed: true }).python()).toEqual(manifest.python);
});

test('returns the Python that would be used when nothing is installed', async () => {
  expect(await factsOf().python()).toMatchObject({ executable: '/usr/bin/python3.11', version: '3.11.7' });
});

test.each([
  ['no Python', { python: '/none' }, 'python_missing', /--python/],
  ['Windows', { platform: 'win32' }, 'native_unsupported', /--runtime docker/],
  ['Alpine', { musl: true }, 'native_unsupported', /--runtime docker/],
] as const)('reports an error with a hint for %s', async (_, parts, code, hint) => {
  const error = await caught(() => factsOf(parts).python());
  expect(error).toMatchObject({ code, exitCode: 5 });
  expect(error.hint).toMatch(hint);
});

test('finds no data before the first start', async () => {
  expect(await factsOf().dataFolder()).toBeUndefined();
});

test.each([
  ['16\n', 1000, undefined],
  [
    '15\n',
    1000,
    {
      code: 'data_replaced',
      exitCode: 9,
      message: '/h/pgdata contains data of PostgreSQL 15, but this is PostgreSQL 16',
    },
  ],
  ['16\n', 7, { code: 'state_not_ours', exitCode: 1, hint: 'Change its owner: chown -R 1000:1000 /h/pgdata' }],
])('checks data of PostgreSQL %j that belongs to %d', async (version, owner, error) => {
  const files = {
    ...fakeFiles({ ...passwd, '/h/pgdata/PG_VERSION': version }),
    owner: async () => owner,
    mode: async () => 0o750,
  };
  const look = () => factsOf({ files }).dataFolder();
  if (error) expect(await caught(look)).toMatchObject(error);
  else expect(await look()).toEqual({ path: '/h/pgdata', mode: 0o750 });
});
