import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { CliError, EXIT } from '../../../../src/model/errors.ts';
import { Secret } from '../../../../src/model/secret.ts';
import type { ServiceState } from '../../../../src/model/service.ts';
import type { Database } from '../../../../src/runtime/runtime.ts';
import { parseManifest } from '../../../../src/stack/backup/archive-manifest.ts';
import { manifestOf } from '../../../../src/stack/backup/archives.ts';
import { type BackupOptions, makeBackup } from '../../../../src/stack/backup/make-backup.ts';
import { READ_ROWS } from '../../../../src/stack/data/data-rows.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { fakeRuntime } from '../../../support/fake-runtime.ts';
import { serviceState } from '../../../support/service-state.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const spec = { project: 'agents-llm', bind: '127.0.0.1', port: 4000, image: 'l:1', databaseImage: 'p:1' };
const secrets = {
  masterKey: new Secret('sk-0123456789abcdef'),
  saltKey: new Secret('the-salt-key'),
  databasePassword: new Secret('the-password'),
  uiUsername: 'admin',
  uiPassword: new Secret('admin'),
};
let home: string;

beforeEach(async () => {
  home = await temporaryFolder();
});

function setUp(database: Partial<Database> = {}, status: ServiceState['status'] = 'running') {
  const invocation = fakeInvocation({ home, env: { AGENTS_LLM_HOME: home } });
  const { files } = invocation.context;
  const calls: string[] = [];
  const runtime = fakeRuntime({
    services: async () => [serviceState({ service: 'litellm-db', status: calls.length > 0 ? 'running' : status })],
    start: async (_, { only }) => void calls.push(`start ${only}`),
    stop: async () => void calls.push('stop'),
    database: {
      sql: async (script) => (script === READ_ROWS ? '{"providers":[],"aliases":[],"keys":[],"teams":[]}' : '16.14\n'),
      dump: (file) => files.write(file, 'PGDMP and more', 0o600),
      isArchive: async () => true,
      ...database,
    },
  });
  const folder = join(home, 'agents-llm', 'backups');
  const make = (options: BackupOptions = { reason: 'backup' }) =>
    makeBackup(invocation, { runtime, spec, secrets }, options);
  return { invocation, files, calls, folder, make };
}

test('omits the request log when asked, and notes that in the manifest only', async () => {
  const dumped: unknown[] = [];
  const world = setUp({
    dump: async (file, withoutRows) => {
      dumped.push(withoutRows);
      await world.files.write(file, 'PGDMP', 0o600);
    },
  });
  const { file, manifest } = await world.make({ reason: 'backup', withoutLogs: true });
  expect(manifest.withoutLogs).toBe(true);
  expect(parseManifest((await world.files.read(manifestOf(file))) ?? '')).toEqual(manifest);
  const whole = await world.make({ reason: 'down' });
  expect('withoutLogs' in whole.manifest).toBe(false);
  expect(dumped).toEqual([['"LiteLLM_SpendLog"*', '"LiteLLM_ErrorLogs"'], []]);
});

test('writes archive and manifest for the owner only, without secrets', async () => {
  const { files, folder, make } = setUp();
  const { file, manifest, secretsFile } = await make();
  expect(await files.list(folder)).toEqual(['2026-01-01T000000Z.dump', '2026-01-01T000000Z.json']);
  expect(manifest).toMatchObject({ project: 'agents-llm', reason: 'backup', postgres: '16.14', bytes: 14 });
  expect(secretsFile).toBeNull();
  for (const name of await files.list(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  expect(await files.read(file.replace('.dump', '.json'))).not.toMatch(/0123456789abcdef|the-salt|the-password/);
});

test('writes the secrets beside the archive when asked', async () => {
  const { invocation, files, make } = setUp();
  await files.makeFolder(invocation.settings.paths.folder);
  await files.write(invocation.settings.paths.secrets, 'LITELLM_SALT_KEY=the-salt-key\n', 0o600);
  const { secretsFile } = await make({ reason: 'down', withSecrets: true });
  expect(secretsFile).toMatch(/Z-down\.env$/);
  expect(await files.read(secretsFile ?? '')).toBe('LITELLM_SALT_KEY=the-salt-key\n');
  expect((await stat(secretsFile ?? '')).mode & 0o777).toBe(0o600);
});

test('starts a stopped database for the backup and stops it again', async () => {
  const { calls, make } = setUp({}, 'exited');
  await make();
  expect(calls).toEqual(['start litellm-db', 'stop']);
});

test('removes the leftovers of a killed run', async () => {
  const { files, folder, make } = setUp();
  await files.makeFolder(folder);
  await files.write(join(folder, 'old.dump.tmp'), 'PG', 0o600);
  await make();
  expect(await files.list(folder)).not.toContain('old.dump.tmp');
});

describe('a backup beside existing files', () => {
  async function beside(name: string) {
    const world = setUp();
    const other = join(home, name);
    await world.files.write(other, 'precious', 0o600);
    const make = (options: Partial<BackupOptions> = {}) =>
      world.make({ reason: 'backup', file: join(home, 'mine.dump'), ...options });
    return { ...world, make, other, now: () => world.files.read(other) };
  }

  test.each([
    ['mine.dump', {}, 'mine.dump and mine.json are'],
    ['mine.json', {}, 'mine.dump and mine.json are'],
    ['mine.env', { withSecrets: true }, 'mine.dump, mine.json and mine.env are'],
  ])('fails instead of replacing %s', async (name, options, written) => {
    const { make, other, now, calls } = await beside(name);
    expect(await caught(() => make(options))).toMatchObject({
      code: 'usage',
      exitCode: EXIT.usage,
      message: `${other} already exists`,
      hint: `Choose another file, because ${written} written and existing files are never replaced`,
    });
    expect(await now()).toBe('precious');
    expect(calls).toEqual([]);
  });

  test.each(['mine.env', 'mine.dump.tmp', 'mine.tmp'])('leaves the unrelated file %s alone', async (name) => {
    const { make, now } = await beside(name);
    await make();
    expect(await now()).toBe('precious');
  });

  test('keeps unrelated files when it fails', async () => {
    const { now } = await beside('mine.env');
    const { make } = setUp({ dump: () => fail('database_failed') });
    await expect(make({ reason: 'backup', file: join(home, 'mine.dump') })).rejects.toThrow();
    expect(await now()).toBe('precious');
  });
});

describe('a failed backup', () => {
  test.each<[string, (write: (text: string) => Promise<void>) => Promise<Partial<Database>>]>([
    ['the disk is full', async (write) => ({ dump: () => write('PG').then(() => fail('state_full')) })],
    ['pg_dump fails', async (write) => ({ dump: () => write('PG').then(() => fail('database_failed')) })],
    ['the written file is not an archive', async () => ({ isArchive: async () => false })],
  ])('leaves no partial archive when %s', async (_, faults) => {
    const { files, folder } = setUp();
    const write = (text: string) => files.write(join(folder, '2026-01-01T000000Z.dump.agents-llm.tmp'), text, 0o600);
    const { make } = setUp(await faults(write));
    await expect(make()).rejects.toThrow();
    expect(await files.list(folder)).toEqual([]);
  });

  test('rejects a dump that is not an archive', async () => {
    const { make } = setUp({ isArchive: async () => false });
    expect(await caught(() => make())).toMatchObject({
      code: 'backup_failed',
      exitCode: EXIT.failed,
      message: 'pg_dump succeeded, but the file that it wrote is not an archive',
      hint: 'Try again: agents-llm backup',
    });
  });
});

function fail(code: 'state_full' | 'database_failed'): never {
  throw new CliError(code, 'it failed');
}
