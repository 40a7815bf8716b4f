import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../../../../src/io/processes/runner.ts';
import { CliError } from '../../../../../src/model/errors.ts';
import { type DataFolderOptions, ensureDataFolder } from '../../../../../src/runtime/native/postgres/data-folder.ts';
import { caught } from '../../../../support/caught.ts';
import { type FakeFiles, fakeFiles } from '../../../../support/fake-files.ts';
import { fakeRunner } from '../../../../support/fake-runner.ts';

const PATHS = { data: '/d/pgdata', dataParent: '/d', sockets: '/d/sockets' };
const ME = { name: 'me', uid: 1000, gid: 1001 };
const INITDB =
  '/b/initdb -D /d/pgdata.new -U agents_llm_admin -E UTF8 --no-locale --data-checksums --no-instructions --auth-local=peer --auth-host=scram-sha-256';
const SINGLE = '/b/postgres --single -j -D /d/pgdata.new postgres';

function setUp(
  files: FakeFiles,
  {
    initdb,
    single,
    ...changes
  }: Partial<DataFolderOptions> & { initdb?: Partial<RunResult>; single?: Partial<RunResult> } = {},
) {
  const runner = fakeRunner([
    { line: INITDB, ...(initdb && { result: initdb }), repeat: true },
    { line: SINGLE, ...(single && { result: single }), repeat: true },
  ]);
  const signal = new AbortController().signal;
  const options = { paths: PATHS, files, runner, signal, user: ME, runAs: undefined, postgresBin: '/b', ...changes };
  return { runner, ensure: () => ensureDataFolder('secret-pw', options) };
}

/** Files that know how a folder is renamed, and note whose it became. */
function folders(initial: Readonly<Record<string, string | Error>> = {}) {
  const files = fakeFiles(initial);
  const owners: string[] = [];
  const moved: string[] = [];
  const withFolders: FakeFiles = {
    ...files,
    chown: async (path, { uid, gid }) => void owners.push(`${path} ${uid}:${gid}`),
    async rename(from, to) {
      moved.push(`${from} ${to}`);
      await files.copy(from, to);
      await files.remove(from);
    },
  };
  return { files: withFolders, owners, moved };
}

describe('a data directory', () => {
  test('creates the directory beside its place, moves it, and passes the password on stdin', async () => {
    const { files, moved, owners } = folders({ '/d/pgdata.new/half': 'of an earlier run' });
    const { runner, ensure } = setUp(files);
    await ensure();
    expect(runner.calls.map(({ line }) => line)).toEqual([INITDB, SINGLE]);
    expect(JSON.stringify(runner.calls.map(({ line, options }) => [line, options.env]))).not.toContain('secret-pw');
    expect(runner.calls[1]?.options.stdin).toEqual({ text: expect.stringContaining("PASSWORD 'secret-pw'") });
    expect(runner.calls[0]?.options.env).toEqual({ PATH: '/usr/bin:/bin', LC_ALL: 'C' });
    expect(moved).toEqual(['/d/pgdata.new /d/pgdata']);
    expect([...files.all.keys()].sort()).toEqual(['/d/pgdata/pg_hba.conf', '/d/pgdata/pg_ident.conf']);
    expect(files.all.get('/d/pgdata/pg_ident.conf')?.text).toContain('owner me litellm');
    expect(owners).toEqual([]);
  });

  test('creates the directory as the database user when run as root', async () => {
    const { files, owners } = folders();
    const { runner, ensure } = setUp(files, { runAs: { uid: 65_534, gid: 65_534 } });
    await ensure();
    expect(owners).toEqual(['/d/sockets 65534:65534', '/d/pgdata.new 65534:65534']);
    expect(runner.calls.map(({ options }) => options.user)).toEqual([
      { uid: 65_534, gid: 65_534 },
      { uid: 65_534, gid: 65_534 },
    ]);
  });

  test('lets the database user reach the directory, whatever the umask of root was', async () => {
    const { files } = folders({ '/d': '' });
    await files.chmod('/d', 0o700);
    await setUp(files, { runAs: { uid: 65_534, gid: 65_534 } }).ensure();
    expect(await files.mode('/d')).toBe(0o711);
  });

  test('leaves an existing directory unchanged', async () => {
    const { files, moved } = folders({ '/d/pgdata/PG_VERSION': '16\n', '/d/pgdata': '' });
    const { runner, ensure } = setUp(files);
    await ensure();
    expect([runner.calls, moved]).toEqual([[], []]);
  });

  test('admits the new owner of an existing directory', async () => {
    const ident = '# Made by agents-llm.\nowner nobody litellm\n';
    const { files } = folders({ '/d/pgdata/PG_VERSION': '16\n', '/d/pgdata': '', '/d/pgdata/pg_ident.conf': ident });
    await setUp(files).ensure();
    const written = files.all.get('/d/pgdata/pg_ident.conf');
    expect(written).toEqual({
      text: '# Made by agents-llm.\nowner me litellm\nowner me agents_llm_admin\n',
      mode: 0o644,
    });
    await setUp(files).ensure();
    expect(files.all.get('/d/pgdata/pg_ident.conf')).toBe(written);
  });
});

describe('a data directory that cannot be used', () => {
  test('refuses a socket folder that another user has prepared', async () => {
    const { files } = folders();
    const unsafe = new CliError('state_not_ours', '/d/sockets belongs to another user');
    const looked: unknown[] = [];
    const prepared: FakeFiles = {
      ...files,
      async makeOwnFolder(path, options) {
        looked.push([path, options]);
        if (path === PATHS.sockets) throw unsafe;
      },
    };
    const { runner, ensure } = setUp(prepared, { runAs: { uid: 65_534, gid: 65_534 } });
    expect(await caught(ensure)).toBe(unsafe);
    expect([looked, runner.calls, [...files.all.keys()]]).toEqual([[[PATHS.sockets, { also: 65_534 }]], [], []]);
  });

  test('refuses data of another PostgreSQL version, and leaves it unchanged', async () => {
    const { files } = folders({ '/d/pgdata/PG_VERSION': '15\n' });
    const error = await caught(setUp(files).ensure);
    expect([error.code, error.exitCode]).toEqual(['data_replaced', 9]);
    expect(error.message).toBe('/d/pgdata contains data of PostgreSQL 15, but this is PostgreSQL 16');
    expect(error.hint).toContain('pg_dump -Fc');
    expect(files.all.get('/d/pgdata/PG_VERSION')?.text).toBe('15\n');
  });

  test('refuses data of another user', async () => {
    const { files } = folders({ '/d/pgdata/PG_VERSION': '16\n', '/d/pgdata': '' });
    const error = await caught(setUp(files, { user: { ...ME, uid: 65_534 } }).ensure);
    expect([error.code, error.exitCode]).toEqual(['state_not_ours', 1]);
    expect(error.message).toBe('/d/pgdata belongs to user id 1000, but PostgreSQL runs as me');
    expect(error.hint).toBe('Change its owner: chown -R 65534:1001 /d/pgdata');
  });

  test('refuses data that it cannot read', async () => {
    const denied = Object.assign(new Error('EACCES'), { code: 'EACCES' });
    const error = await caught(setUp(fakeFiles({ '/d/pgdata/PG_VERSION': denied })).ensure);
    expect([error.code, error.exitCode, error.cause]).toEqual(['state_not_ours', 1, denied]);
    expect(error.message).toBe('Cannot read the data directory /d/pgdata (EACCES)');
    expect(error.hint).toContain('ls -ld /d/pgdata');
  });

  test.each(['ENOTEMPTY', 'ENOTDIR'])('refuses something else in place of the directory (%s)', async (code) => {
    const { files } = folders();
    const inTheWay = Object.assign(new Error(code), { code });
    const error = await caught(setUp({ ...files, rename: () => Promise.reject(inTheWay) }).ensure);
    expect([error.code, error.exitCode, error.cause]).toEqual(['data_replaced', 9, inTheWay]);
    expect(error.message).toBe('/d/pgdata is not empty, but it is not a PostgreSQL data directory');
    expect(error.hint).toContain('mv /d/pgdata /d/pgdata.old');
  });
});

describe('a failure while the data directory is created', () => {
  test.each([
    [
      'initdb',
      { initdb: { exitCode: 1, stderr: 'creating …\ninitdb: error: could not access directory "/d"\n' } },
      'initdb failed: initdb: error: could not access directory "/d"',
    ],
    [
      'the first start',
      { single: { stderr: '2026 UTC [1] ERROR:  syntax error at or near "x"\n' } },
      'The first start of the database failed: 2026 UTC [1] ERROR:  syntax error at or near "x"',
    ],
    ['no output', { initdb: { exitCode: 127 } }, 'initdb failed: exit code 127'],
  ])('reports the reason: %s', async (_, changes, message) => {
    const { files, moved } = folders();
    const error = await caught(setUp(files, changes).ensure);
    expect([error.code, error.exitCode, error.message]).toEqual(['database_failed', 7, message]);
    expect(error.hint).toContain('/d/pgdata');
    expect(error.message).not.toContain('secret-pw');
    expect(moved).toEqual([]);
  });

  test('reports a program that the user cannot run', async () => {
    const { files } = folders();
    const error = await caught(setUp(files, { initdb: { outcome: 'not-found', exitCode: -1 } }).ensure);
    expect([error.code, error.exitCode]).toEqual(['image_missing', 5]);
    expect(error.message).toBe('User me cannot run /b/initdb, or it is missing');
    expect(error.hint).toBe('Repair the installation: agents-llm native install --force');
    expect(error.details).toEqual({ path: '/b/initdb', user: 'me' });
  });

  test('reports a full disk', async () => {
    const { files } = folders();
    const stderr = 'initdb: error: could not write to file: No space left on device\n';
    const error = await caught(setUp(files, { initdb: { exitCode: 1, stderr } }).ensure);
    expect([error.code, error.exitCode]).toEqual(['state_full', 1]);
    expect(error.hint).toContain('Free space');
  });
});
