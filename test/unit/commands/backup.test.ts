import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type BackupFlags,
  renderBackup,
  renderBackups,
  runBackup,
  runBackupList,
} from '../../../src/commands/backup.ts';
import { EXIT } from '../../../src/model/errors.ts';
import { caught } from '../../support/caught.ts';
import {
  addUserData,
  type FakeStack,
  type FakeStackOptions,
  fakeStack,
  secretsText,
} from '../../support/fake-stack.ts';

const backup = (stack: FakeStack, flags: BackupFlags = {}, file?: string) =>
  runBackup(file, flags, stack.invocation, stack.runtimeFor);

async function withData(options: FakeStackOptions = {}) {
  const stack = await fakeStack(options);
  addUserData(stack);
  const { files, clock } = stack.invocation.context;
  const { paths } = stack.invocation.settings;
  /** Archives are named by the second. */
  const later = () => clock.sleep(1000, new AbortController().signal);
  return { stack, files, paths, later };
}

test('creates an archive in the project folder without a warning about secrets', async () => {
  const { stack, paths } = await withData();
  const { data, warnings } = await backup(stack);
  expect(data).toMatchObject({ secretsFile: null, removed: [], manifest: { counts: { providers: 1, keys: 1 } } });
  expect(data.file.startsWith(paths.backups)).toBe(true);
  expect(warnings).toEqual([]);
  expect(stack.calls).toEqual([]);
});

test('records --no-logs in the archive and shows it in the list', async () => {
  const { stack } = await withData();
  const { data } = await backup(stack, { logs: false });
  expect(data.manifest.withoutLogs).toBe(true);
  expect(renderBackup(data)).toContain('1 key, 0 teams, no request log; ');
  expect(renderBackups((await runBackupList(stack.invocation)).data)).toContain('0 teams, no request log  ');
});

test('resolves a relative file from the current folder', async () => {
  const { stack } = await withData();
  expect((await backup(stack, {}, 'mine.dump')).data.file).toBe(join(stack.invocation.context.cwd, 'mine.dump'));
});

test('warns about the secrets next to the archive', async () => {
  const { stack, files } = await withData();
  const { data, warnings } = await backup(stack, { withSecrets: true });
  expect(warnings).toEqual([
    `${data.secretsFile} gives access to the gateway, the database and every provider key. Store it apart from the archive`,
  ]);
  expect(await files.read(data.secretsFile ?? '')).toBe(secretsText());
});

test('deletes the oldest backups with --keep, but none outside the folder', async () => {
  const { stack, files, paths, later } = await withData();
  const made: string[] = [];
  for (let i = 0; i < 3; i += 1) {
    made.push((await backup(stack, { withSecrets: true })).data.file);
    await later();
  }
  const outside = (await backup(stack, { keep: 2 }, 'mine.dump')).data;
  expect(outside.removed).toEqual([made[0]]);
  const last = (await backup(stack, { keep: 1 })).data;
  expect(last.removed).toEqual([made[2], made[1]]);
  expect(await files.list(paths.backups)).toHaveLength(2);
  expect(await files.owner(outside.file)).toBeDefined();
});

describe('backup refuses to create an archive', () => {
  test.each<[string, FakeStackOptions, string, number]>([
    ['without a stack', { made: false }, 'not_running', EXIT.notRunning],
    [
      'on another engine',
      { state: { engine: { endpoint: 'unix:///x', id: 'X' } } },
      'engine_changed',
      EXIT.prerequisite,
    ],
  ])('%s', async (_, options, code, exitCode) => {
    const { stack, files, paths } = await withData(options);
    await files.makeFolder(paths.folder);
    expect(await caught(() => backup(stack))).toMatchObject({ code, exitCode });
    expect(await files.list(paths.backups)).toEqual([]);
  });

  test('with another salt key in .env, because its fingerprint would be wrong', async () => {
    const { stack, files, paths } = await withData();
    await files.write(paths.secrets, secretsText({ LITELLM_SALT_KEY: 'other' }), 0o600);
    expect(await caught(() => backup(stack))).toMatchObject({ code: 'secrets_changed', exitCode: EXIT.data });
    expect(await files.list(paths.backups)).toEqual([]);
  });
});

test('lists the newest archive first and shows which ones this stack can read', async () => {
  const { stack, files, paths, later } = await withData();
  expect((await runBackupList(stack.invocation)).data.backups).toEqual([]);
  const old = (await backup(stack)).data;
  await later();
  await files.write(paths.secrets, secretsText({ LITELLM_SALT_KEY: 'other' }), 0o600);
  const foreign = await runBackupList(stack.invocation);
  expect(foreign.data.backups).toMatchObject([{ file: old.file, problem: null, readable: false }]);
  await files.write(paths.secrets, secretsText(), 0o600);
  await backup(stack);
  await files.remove(old.file.replace('.dump', '.json'));
  const { backups } = (await runBackupList(stack.invocation)).data;
  expect(backups).toMatchObject([
    { problem: null, readable: true },
    { file: old.file, problem: expect.stringContaining('is missing or invalid'), readable: null },
  ]);
  const lines = renderBackups({ backups }).split('\n');
  expect(lines[0]).toMatch(/^NAME +SIZE +DATA +STATE$/);
  expect(lines[1]).toMatch(/^\S+Z +\d+ B +1 provider, 1 alias, 1 key, 0 teams +ok$/);
  expect(lines[2]).toMatch(/is missing or invalid/);
  expect(renderBackups(foreign.data)).toContain('written with another salt key');
});

test('says that there are no backups yet', () => {
  expect(renderBackups({ backups: [] })).toBe('No backups yet\n');
});

test('shows the restore command for the new archive', async () => {
  const { stack } = await withData();
  const { data } = await backup(stack);
  const text = renderBackup({ ...data, removed: ['a', 'b'] });
  expect(text).toContain(`restore with: npx agents-llm restore ${data.file}\n`);
  expect(text).toContain('1 provider, 1 alias, 1 key, 0 teams; ');
  expect(text).toContain('Deleted 2 older backups\n');
});
