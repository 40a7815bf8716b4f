import { describe, expect, test } from 'vitest';
import { CliError, EXIT, interruption } from '../../../../src/model/errors.ts';
import { changedSecrets } from '../../../../src/project/fingerprints.ts';
import { parseSecrets, readSecrets } from '../../../../src/project/secrets.ts';
import { readState } from '../../../../src/project/state.ts';
import { findBackup } from '../../../../src/stack/backup/archives.ts';
import { makeBackup } from '../../../../src/stack/backup/make-backup.ts';
import { type Replacement, replaceData } from '../../../../src/stack/backup/replace-data.ts';
import { isRestoring } from '../../../../src/stack/backup/undo-restore.ts';
import { caught } from '../../../support/caught.ts';
import {
  addUserData,
  type FakeStackOptions,
  fakeStack,
  secretsText,
  serviceFails,
} from '../../../support/fake-stack.ts';

/** A stack with an archive of its data; by now there is a team more in it. */
async function setUp(options: FakeStackOptions = {}) {
  const stack = await fakeStack(options);
  addUserData(stack);
  const { invocation } = stack;
  const { files, clock } = invocation.context;
  const { paths } = invocation.settings;
  const { file } = await makeBackup(invocation, await stack.made(), { reason: 'backup' });
  stack.proxy.state.teams.push('of later');
  stack.calls.length = 0;
  const replace = async (changes: Partial<Replacement> = {}, given = invocation) => {
    const archive = await findBackup(files, paths, { name: file, path: file });
    if (!archive) throw new Error('no archive');
    const deadline = clock.now() + 60_000;
    return replaceData(given, await stack.made(), { archive, saved: undefined, deadline, ...changes });
  };
  return { stack, invocation, files, paths, file, replace, before: structuredClone(stack.proxy.state) };
}

test('uses the saved salt key with the data of the same time', async () => {
  const { stack, files, paths, replace } = await setUp();
  const saved = parseSecrets(secretsText({ LITELLM_SALT_KEY: 'salt-of-then', UI_PASSWORD: 'other' }), 'the archive');
  expect((await replace({ saved })).counts).toEqual({ providers: 1, aliases: 1, keys: 1, teams: 0 });
  const [now, state] = await Promise.all([readSecrets(files, paths), readState(files, paths)]);
  if (!now || !state?.fingerprints) throw new Error('nothing is there');
  expect(now.saltKey.reveal()).toBe('salt-of-then');
  expect(now.uiPassword.reveal()).toBe('the-ui-password');
  expect(changedSecrets(now, state.fingerprints)).toEqual([]);
  expect(stack.database.others()).toEqual([]);
});

describe('a rejected restore', () => {
  test('changes nothing when pg_restore rejects the archive', async () => {
    const { stack, files, file, replace, before } = await setUp();
    await files.write(file, 'PGDMP and no more', 0o600);
    expect(await caught(() => replace())).toMatchObject({
      code: 'backup_invalid',
      exitCode: EXIT.data,
      message: `Cannot restore ${file}: pg_restore failed: no archive`,
      hint: 'Nothing was changed. Choose another backup: agents-llm backup list',
      details: { file },
    });
    expect(stack.proxy.state).toEqual(before);
    expect(stack.calls).toEqual([]);
  });

  test.each([
    ['ends', new CliError('not_running', 'The database is not running', { hint: 'up' })],
    [
      'is silent',
      new CliError('database_failed', 'The database is not responding', {
        hint: 'logs',
        details: { cause: 'ETIMEDOUT' },
      }),
    ],
  ])('changes nothing and does not blame the archive when the database %s meanwhile', async (_, failure) => {
    const { stack, replace, before } = await setUp();
    const { database } = await stack.made().then(({ runtime }) => runtime);
    Object.assign(database, { restore: async () => Promise.reject(failure) });
    expect(await caught(() => replace())).toMatchObject({ code: failure.code, exitCode: failure.exitCode });
    expect(stack.proxy.state).toEqual(before);
  });

  test('changes nothing when the data in the archive differs from its manifest', async () => {
    const { stack, files, file, replace, before } = await setUp();
    await files.write(file, stack.database.archive({ ...before, keys: [] }), 0o600);
    expect(await caught(() => replace())).toMatchObject({
      code: 'backup_invalid',
      message: `Cannot restore ${file}: it contains 1 provider, 1 alias, 0 keys, 1 team, but its manifest says 1 provider, 1 alias, 1 key, 0 teams`,
    });
    expect(stack.proxy.state).toEqual(before);
    expect(stack.database.others()).toEqual([]);
  });
});

describe('a failed restore', () => {
  const saved = parseSecrets(secretsText({ LITELLM_SALT_KEY: 'salt-of-then' }), 'the archive');

  test('restores the previous data and secrets when the gateway does not start', async () => {
    let starts = 0;
    const { stack, invocation, files, paths, file, replace, before } = await setUp({
      onStart: () => {
        starts += 1;
        if (starts === 1) serviceFails('litellm ended with 3');
      },
    });
    expect(await caught(() => replace({ saved }))).toMatchObject({
      code: 'restore_failed',
      exitCode: EXIT.data,
      message: `${file} was restored, but the stack did not start: litellm ended with 3`,
      hint: 'The previous data is back. Start the stack: agents-llm up',
      details: { file },
    });
    expect(stack.proxy.state).toEqual(before);
    expect((await readSecrets(files, paths))?.saltKey.reveal()).toBe('the-salt-key');
    expect(await isRestoring(invocation)).toBe(false);
    expect(stack.database.others()).toEqual([]);
  });

  test('restores the previous data and secrets when LiteLLM cannot read the restored data', async () => {
    const { stack, file, replace, before } = await setUp({
      onStart: () => {
        for (const model of stackOf().proxy.state.models) model.live = false;
      },
    });
    const stackOf = () => stack;
    expect(await caught(() => replace())).toMatchObject({
      code: 'restore_failed',
      message: `${file} was restored, but the stack did not start: Alias gpt-5 is unreadable: it is in the database, but LiteLLM does not show it (1 in all)`,
    });
    expect(stack.proxy.state).toEqual(before);
  });
});

test('keeps its marker after Ctrl-C, so that the next up undoes the restore', async () => {
  const interrupt = new AbortController();
  const { stack, invocation, replace } = await setUp({
    onStart: () => interrupt.abort(interruption('SIGINT')),
  });
  const context = { ...invocation.context, signal: interrupt.signal };
  const error = await caught(() => replace({}, { ...invocation, context }));
  expect(error).toMatchObject({ code: 'interrupted', exitCode: EXIT.interrupted });
  expect(error).toBeInstanceOf(CliError);
  expect(await isRestoring(invocation)).toBe(true);
  expect(stack.database.others()).toEqual(['litellm_before']);
});
