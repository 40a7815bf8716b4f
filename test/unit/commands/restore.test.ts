import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderRestore } from '../../../src/commands/restore.ts';
import { keptKeys } from '../../../src/litellm/keys/kept-keys.ts';
import { EXIT } from '../../../src/model/errors.ts';
import { hashOfFiles } from '../../../src/model/litellm-files.ts';
import { Secret } from '../../../src/model/secret.ts';
import { readEnvironment, writeEnvironment } from '../../../src/project/environment.ts';
import { readSecrets } from '../../../src/project/secrets.ts';
import { readState, writeState } from '../../../src/project/state.ts';
import { makeBackup } from '../../../src/stack/backup/make-backup.ts';
import { type RestoreFlags, runRestore } from '../../../src/stack/lifecycle/restore-stack.ts';
import { caught } from '../../support/caught.ts';
import {
  addUserData,
  type FakeStack,
  type FakeStackOptions,
  fakeStack,
  secretsText,
} from '../../support/fake-stack.ts';

const FLAGS: RestoreFlags = { backup: true, timeout: 60_000 };
const FORCE: RestoreFlags = { ...FLAGS, force: true };
const COUNTS = { providers: 1, aliases: 1, keys: 1, teams: 0 };

const restore = (stack: FakeStack, name: string, flags: RestoreFlags = FORCE) =>
  runRestore(name, flags, stack.invocation, stack.runtimeFor);

/** For a stack whose state does not say its port. */
function onItsPort(stack: FakeStack): FakeStack {
  const { invocation, proxy } = stack;
  const env = { ...invocation.context.env, AGENTS_LLM_PORT: new URL(proxy.url).port };
  return { ...stack, invocation: { ...invocation, context: { ...invocation.context, env } } };
}

const keptBy = ({ invocation: { context, settings }, proxy }: FakeStack) =>
  keptKeys(context.files, settings.paths.keys, { url: proxy.url, own: true });

/** A stack with an archive of its data, `latest`; by now there is a team more in it. */
async function withArchive(options: FakeStackOptions = {}, withSecrets = false) {
  const stack = await fakeStack(options);
  addUserData(stack);
  const [key] = stack.proxy.state.keys;
  await keptBy(stack).write('agents-service', new Secret(key?.raw ?? ''));
  const made = await makeBackup(stack.invocation, await stack.made(), { reason: 'backup', withSecrets });
  stack.proxy.state.teams.push('of later');
  stack.calls.length = 0;
  return { stack, file: made.file, before: structuredClone(stack.proxy.state) };
}

describe('a restore into an existing stack', () => {
  test('mentions that an archive has no request log', async () => {
    const { stack } = await withArchive();
    const made = await stack.made();
    const { file } = await makeBackup(stack.invocation, made, { reason: 'down', withoutLogs: true });
    const { data } = await restore(stack, file);
    expect(data.withoutLogs).toBe(true);
    expect(renderRestore(data)).toContain(
      '\nThe archive has no request log (--no-logs), so earlier requests are not listed. Spend by day is complete\n',
    );
    expect(renderRestore({ ...data, withoutLogs: false })).not.toContain('--no-logs');
  });

  test('replaces the data with the archive, after a backup with secrets', async () => {
    const { stack, file } = await withArchive();
    const { data } = await restore(stack, 'latest');
    expect(data).toMatchObject({ project: 'agents-llm', file, counts: COUNTS, withoutLogs: false });
    expect(data.backup).toMatch(/-restore\.dump$/);
    expect(existsSync(data.backup?.replace('.dump', '.env') ?? '')).toBe(true);
    expect(stack.proxy.state.teams).toEqual([]);
    expect(stack.calls).toEqual(['stop litellm', 'start litellm-db+litellm, new litellm']);
  });

  test('leaves nothing of the old data, and records a new data id', async () => {
    const { stack } = await withArchive();
    await restore(stack, 'latest');
    const { files } = stack.invocation.context;
    const { paths } = stack.invocation.settings;
    expect(stack.database.others()).toEqual([]);
    expect(await files.owner(paths.secretsBefore)).toBeUndefined();
    expect((await readState(files, paths))?.data?.id).toBe(stack.database.identity());
    expect(stack.database.identity()).not.toBe('the-id');
    expect(await files.owner(paths.lock)).toBeUndefined();
  });

  test('makes no backup when told not to, or when there is nothing to lose', async () => {
    const { stack } = await withArchive();
    expect((await restore(stack, 'latest', { ...FORCE, backup: false })).data.backup).toBeNull();
    Object.assign(stack.proxy.state, { credentials: {}, models: [], keys: [], teams: [] });
    expect((await restore(stack, 'latest', FLAGS)).data).toMatchObject({ backup: null, counts: COUNTS });
  });

  test('starts a stopped stack with the restored data', async () => {
    const { stack } = await withArchive();
    await stack.runtime.stop();
    stack.calls.length = 0;
    await restore(stack, 'latest', { ...FORCE, backup: false });
    expect(stack.proxy.state.teams).toEqual([]);
    expect(stack.calls.at(-1)).toBe('start litellm-db+litellm, new litellm');
    expect([...stack.running].sort()).toEqual(['litellm', 'litellm-db']);
  });

  test('brings up a stack that was never ready before it reads its data', async () => {
    const { stack } = await withArchive();
    const { files } = stack.invocation.context;
    const { paths } = stack.invocation.settings;
    const state = await readState(files, paths);
    if (state) await writeState(files, paths, { ...state, data: undefined });
    await stack.runtime.stop();
    stack.calls.length = 0;
    const { data } = await restore(stack, 'latest');
    expect(stack.calls.slice(0, 2)).toEqual(['prepare l:v1.108.11 missing', 'start litellm-db+litellm']);
    expect(data).toMatchObject({ counts: COUNTS, backup: expect.stringMatching(/-restore\.dump$/) });
  });

  test('does not replace data whose state is lost without a confirmation', async () => {
    const { stack: made, before } = await withArchive();
    const stack = onItsPort(made);
    const { files } = stack.invocation.context;
    await files.remove(stack.invocation.settings.paths.state);
    expect(await caught(() => restore(stack, 'latest', FLAGS))).toMatchObject({
      code: 'confirmation_needed',
      exitCode: EXIT.confirm,
      message: 'The stack contains 1 provider, 1 alias, 1 key, 1 team, so nothing was replaced',
    });
    expect(stack.proxy.state).toEqual(before);
  });

  test('replaces nothing without a terminal unless forced', async () => {
    const { stack, before } = await withArchive();
    expect(await caught(() => restore(stack, 'latest', FLAGS))).toMatchObject({
      code: 'confirmation_needed',
      exitCode: EXIT.confirm,
      message: 'The stack contains 1 provider, 1 alias, 1 key, 1 team, so nothing was replaced',
      hint: 'Replace them without a question: --force',
      details: { counts: { ...COUNTS, teams: 1 } },
    });
    expect(stack.proxy.state).toEqual(before);
    expect(stack.calls).toEqual([]);
  });

  test('downloads the image of the archive before any change, runs it and records it', async () => {
    const { stack } = await withArchive({ state: { image: 'l:v1.104.7' } });
    const { files } = stack.invocation.context;
    const { paths } = stack.invocation.settings;
    const state = await readState(files, paths);
    const upgrading = { from: 'l:v1.104.7', backup: null };
    if (state) await writeState(files, paths, { ...state, image: 'l:v1.108.11', upgrading });
    stack.calls.length = 0;
    await restore(stack, 'latest', { ...FORCE, withImage: true, backup: false });
    expect(stack.calls).toEqual([
      'prepare l:v1.104.7 missing',
      'stop litellm',
      'start litellm-db+litellm, new litellm',
    ]);
    expect((await stack.runtime.services()).find(({ service }) => service === 'litellm')?.image).toBe('l:v1.104.7');
    expect((await readState(files, paths))?.image).toBe('l:v1.104.7');
    expect((await readState(files, paths))?.upgrading).toBeUndefined();
  });

  test('undoes a killed restore first, so that the backup has the original data', async () => {
    const { stack } = await withArchive();
    const { files } = stack.invocation.context;
    const { paths } = stack.invocation.settings;
    const sql = (script: string) => stack.runtime.database.administer(script);
    await sql('CREATE DATABASE litellm_restore OWNER litellm;\n');
    await sql('ALTER DATABASE litellm RENAME TO litellm_before;\nALTER DATABASE litellm_restore RENAME TO litellm;');
    await files.write(paths.secretsBefore, secretsText(), 0o600);
    const { backup } = (await restore(stack, 'latest')).data;
    const manifest = JSON.parse((await files.read(backup?.replace('.dump', '.json') ?? '')) ?? '');
    expect(manifest.counts).toEqual({ ...COUNTS, teams: 1 });
    expect(stack.database.others()).toEqual([]);
    expect(await files.owner(paths.secretsBefore)).toBeUndefined();
  });
});

describe('a restore into a deleted stack', () => {
  /** Everything but the archive and the secrets beside it is deleted. */
  async function afterDeletion(withSecrets: boolean) {
    const { stack: old, file } = await withArchive({}, withSecrets);
    const fresh = await fakeStack({ made: false });
    const { files } = fresh.invocation.context;
    const { paths } = fresh.invocation.settings;
    const stack = onItsPort(fresh);
    await files.makeFolder(paths.folder);
    await files.copy(old.invocation.settings.paths.backups, paths.backups);
    return { stack, file: join(paths.backups, file.split('/').at(-1) ?? '') };
  }

  test('creates the stack with the saved secrets and asks nothing', async () => {
    const { stack, file } = await afterDeletion(true);
    const { data } = await restore(stack, 'latest', FLAGS);
    expect(data).toMatchObject({ file, counts: COUNTS, backup: null });
    const { files } = stack.invocation.context;
    const secrets = await readSecrets(files, stack.invocation.settings.paths);
    expect(secrets?.saltKey.reveal()).toBe('the-salt-key');
    expect(stack.proxy.state.models).toMatchObject([{ name: 'gpt-5' }]);
    expect(stack.calls.slice(0, 2)).toEqual(['prepare l:v1.108.11 missing', 'start litellm-db+litellm']);
  });

  test('saves the virtual keys again that the data contains', async () => {
    const { stack, file } = await afterDeletion(true);
    const { files } = stack.invocation.context;
    const saved = file.replace('.dump', '.env');
    const keys = Buffer.from(
      JSON.stringify([...savedKeys(await files.read(saved)), { alias: 'of-elsewhere', key: 'sk-of-elsewhere' }]),
    );
    await files.write(saved, secretsText({ AGENTS_LLM_VIRTUAL_KEYS: keys.toString('base64url') }), 0o600);
    await restore(stack, 'latest', FLAGS);
    expect((await keptBy(stack).read('agents-service'))?.reveal()).toBe(stack.proxy.state.keys[0]?.raw);
    expect((await keptBy(stack).list()).map(({ alias }) => alias)).toEqual(['agents-service']);
    expect(await files.read(stack.invocation.settings.paths.secrets)).not.toContain('AGENTS_LLM_VIRTUAL_KEYS');
  });

  test.each([
    ['an older one, without the keys', secretsText()],
    ['one whose keys are damaged', secretsText({ AGENTS_LLM_VIRTUAL_KEYS: 'damaged' })],
  ])('accepts %s', async (_, text) => {
    const { stack, file } = await afterDeletion(true);
    await stack.invocation.context.files.write(file.replace('.dump', '.env'), text, 0o600);
    expect((await restore(stack, 'latest', FLAGS)).data.counts).toEqual(COUNTS);
    expect(await keptBy(stack).list()).toEqual([]);
  });

  test('refuses without the salt key, and creates nothing', async () => {
    const { stack, file } = await afterDeletion(false);
    expect(await caught(() => restore(stack, 'latest', FLAGS))).toMatchObject({
      code: 'backup_unreadable',
      exitCode: EXIT.data,
      message: `${file} can only be decrypted with its own salt key, which is missing`,
    });
    expect(stack.calls).toEqual([]);
  });
});

describe('the archive of a restore', () => {
  test('must exist, or it is a usage error', async () => {
    const { stack } = await withArchive();
    expect(await caught(() => restore(stack, 'nope'))).toMatchObject({
      code: 'usage',
      exitCode: EXIT.usage,
      message: 'Backup "nope" not found',
      hint: 'List the backups: agents-llm backup list',
    });
  });

  test.each([
    ['with other bytes', (text: string) => `${text.slice(0, -1)}?`, 'its checksum does not match its manifest'],
    ['that was cut off', (text: string) => text.slice(0, 8), /^it has 8 bytes, but its manifest says \d+$/],
  ])('%s is refused, and nothing changes', async (_, harm, why) => {
    const { stack, file, before } = await withArchive();
    const { files } = stack.invocation.context;
    await files.write(file, harm((await files.read(file)) ?? ''), 0o600);
    const error = await caught(() => restore(stack, file));
    expect(error).toMatchObject({
      code: 'backup_invalid',
      exitCode: EXIT.data,
      hint: 'Nothing was changed. Choose another backup: agents-llm backup list',
      details: { file },
    });
    expect(error.message.replace(`Cannot restore ${file}: `, '')).toMatch(why);
    expect(stack.proxy.state).toEqual(before);
    expect(stack.calls).toEqual([]);
  });

  test('is refused without a manifest, because its salt key is unknown', async () => {
    const { stack, file } = await withArchive();
    await stack.invocation.context.files.remove(file.replace('.dump', '.json'));
    expect(await caught(() => restore(stack, file))).toMatchObject({
      code: 'backup_invalid',
      message: expect.stringContaining('is missing or invalid'),
    });
  });

  test('is found by its name in the list, with and without extension, and by its path', async () => {
    const { stack, file } = await withArchive();
    const name = file.split('/').at(-1) ?? '';
    for (const given of [name, name.replace('.dump', ''), file]) {
      expect((await restore(stack, given, { ...FORCE, backup: false })).data.file).toBe(file);
    }
  });

  test('brings another salt key along on request, and LiteLLM starts with it', async () => {
    const { stack } = await withArchive({ secrets: { LITELLM_SALT_KEY: 'salt-of-then' } }, true);
    const { files } = stack.invocation.context;
    const { paths } = stack.invocation.settings;
    // As if the stack had been made anew since.
    await files.write(paths.secrets, secretsText({ LITELLM_SALT_KEY: 'salt-of-now' }), 0o600);
    expect(await caught(() => restore(stack, 'latest'))).toMatchObject({ code: 'backup_unreadable' });
    await restore(stack, 'latest', { ...FORCE, withSecrets: true, backup: false });
    expect((await readSecrets(files, paths))?.saltKey.reveal()).toBe('salt-of-then');
    expect((await readSecrets(files, paths))?.masterKey.reveal()).toBe(stack.secrets.masterKey.reveal());
  });
});

test('saves the virtual key from the archive in place of its later replacement', async () => {
  const { stack } = await withArchive({}, true);
  const [then] = stack.proxy.state.keys;
  stack.proxy.state.keys = [];
  await keptBy(stack).write('agents-service', new Secret(stack.proxy.addKey({ key_alias: 'agents-service' }).raw));
  await restore(stack, 'latest');
  expect((await keptBy(stack).read('agents-service'))?.reveal()).toBe(then?.raw);
});

test('forgets a saved virtual key that the archive does not contain, and says so', async () => {
  const { stack } = await withArchive();
  await keptBy(stack).write('of-later', new Secret(stack.proxy.addKey({ key_alias: 'of-later' }).raw));
  const { data, warnings } = await restore(stack, 'latest');
  expect(warnings).toEqual([
    'The restored data does not contain the saved virtual key of-later. Create a new one: agents-llm provision-key --alias of-later --rotate',
  ]);
  expect((await keptBy(stack).list()).map(({ alias }) => alias)).toEqual(['agents-service']);
  // It is kept again with the data of before.
  await restore(stack, data.backup ?? '');
  expect((await keptBy(stack).list()).map(({ alias }) => alias)).toEqual(['agents-service', 'of-later']);
});

test('ends with the salt key of the archive after an interrupted and repeated restore', async () => {
  const { stack } = await withArchive({ secrets: { LITELLM_SALT_KEY: 'salt-of-then' } }, true);
  const { files } = stack.invocation.context;
  const { paths } = stack.invocation.settings;
  // Data and salt key were replaced when it was killed: what was there before is still beside them.
  const sql = (script: string) => stack.runtime.database.administer(script);
  await sql('CREATE DATABASE litellm_restore OWNER litellm;\n');
  await sql('ALTER DATABASE litellm RENAME TO litellm_before;\nALTER DATABASE litellm_restore RENAME TO litellm;');
  await files.write(paths.secretsBefore, secretsText({ LITELLM_SALT_KEY: 'salt-of-now' }), 0o600);
  await restore(stack, 'latest', { ...FORCE, withSecrets: true, backup: false });
  expect((await readSecrets(files, paths))?.saltKey.reveal()).toBe('salt-of-then');
  expect(stack.proxy.state.models).toMatchObject([{ name: 'gpt-5' }]);
});

/** As they lie in the secrets beside an archive. */
const savedKeys = (text = '') =>
  JSON.parse(Buffer.from(/VIRTUAL_KEYS=(.*)/.exec(text)?.[1] ?? '', 'base64url').toString());

test('shows the restored data and where the backup of the previous data is', () => {
  const data = { project: 'shop', file: '/b/x.dump', counts: COUNTS, backup: '/b/y.dump' };
  expect(renderRestore({ ...data, withoutLogs: false, elapsedMs: 1500 })).toBe(
    'Restored 1 provider, 1 alias, 1 key, 0 teams to shop from /b/x.dump (1.5 s)\nBackup of the previous data: /b/y.dump\n',
  );
  expect(renderRestore({ ...data, withoutLogs: false, elapsedMs: 1, backup: null })).not.toContain('Backup');
});

describe("LiteLLM's own configuration", () => {
  const FILES = {
    'litellm.yaml': Buffer.from('litellm_settings: {api_key: os.environ/MINE}\n').toString('base64'),
    'guard.py': Buffer.from('Guard = 1\n').toString('base64'),
  };
  const LITELLM = { hash: hashOfFiles(FILES), source: '/srv/litellm.yaml', origin: 'flag' as const };

  const placeOf = ({ invocation: { context, settings } }: FakeStack) => ({
    files: context.files,
    paths: settings.paths,
  });

  async function archived(withSecrets = false) {
    const stack = await fakeStack({ state: { litellm: LITELLM } });
    const { files, paths } = placeOf(stack);
    await files.write(paths.litellmFiles, JSON.stringify(FILES), 0o600);
    addUserData(stack);
    const variable = { name: 'MINE', value: new Secret('of-the-user-1'), isSecret: true, source: 'flag' as const };
    await writeEnvironment(files, paths, [variable]);
    const made = await makeBackup(stack.invocation, await stack.made(), { reason: 'backup', withSecrets });
    return { stack, files, paths, made };
  }

  test('is part of every backup, and returns with its variables in a newly created stack', async () => {
    const { paths: old, files: kept, made: backup } = await archived(true);
    expect(backup.manifest.litellm).toEqual({ ...LITELLM, files: FILES });
    expect(await kept.read(backup.file.replace('.dump', '.json'))).not.toContain('of-the-user-1');
    const fresh = await fakeStack({ made: false });
    const { files, paths } = placeOf(fresh);
    await files.makeFolder(paths.folder);
    await files.copy(old.backups, paths.backups);
    const stack = onItsPort(fresh);
    const { warnings } = await restore(stack, 'latest', FLAGS);
    expect(await readState(files, paths)).toMatchObject({ litellm: LITELLM });
    expect(JSON.parse((await files.read(paths.litellmFiles)) ?? '')).toEqual(FILES);
    expect((await readEnvironment(files, paths)).map(({ name, value }) => [name, value.reveal()])).toEqual([
      ['MINE', 'of-the-user-1'],
    ]);
    expect(warnings).toEqual([]);
  });

  test('needs a confirmation if it has Python from elsewhere', async () => {
    const { made: backup, files: kept } = await archived(true);
    const fresh = await fakeStack({ made: false });
    const { files, paths } = placeOf(fresh);
    await files.makeFolder(paths.folder);
    for (const end of ['.dump', '.json', '.env']) {
      const text = await kept.read(backup.file.replace('.dump', end));
      await files.write(join(paths.folder, `of-friend${end}`), text ?? '', 0o600);
    }
    const stack = onItsPort(fresh);
    const file = join(paths.folder, 'of-friend.dump');
    expect(await caught(() => restore(stack, file, FLAGS))).toMatchObject({
      code: 'confirmation_needed',
      exitCode: EXIT.confirm,
      message: `${file} contains Python that runs in the gateway with all its secrets (guard.py)`,
      hint: 'Restore it without a question: --force',
    });
    expect(stack.calls).toEqual([]);
    await restore(stack, file, FORCE);
    expect((await readState(files, paths))?.litellm).toEqual(LITELLM);
  });

  test('is missing its variables without the saved ones, which a warning names', async () => {
    const { paths: old, files: kept, made: backup } = await archived(true);
    expect(backup.manifest.variables).toEqual(['MINE']);
    await kept.write(backup.file.replace('.dump', '.env'), secretsText(), 0o600);
    const fresh = await fakeStack({ made: false });
    const { files, paths } = placeOf(fresh);
    await files.makeFolder(paths.folder);
    await files.copy(old.backups, paths.backups);
    const { warnings } = await restore(onItsPort(fresh), 'latest', FLAGS);
    expect(warnings).toEqual([
      "LiteLLM's own configuration takes MINE from the gateway's environment, which does not have it",
      'The gateway that was backed up had MINE, but this one does not. If it needs them: agents-llm up --env MINE',
    ]);
  });

  test('stays as it is in an existing stack, with a warning', async () => {
    const { stack, files, paths } = await archived();
    const state = await readState(files, paths);
    if (state) await writeState(files, paths, { ...state, litellm: undefined });
    const { warnings } = await restore(stack, 'latest');
    expect(warnings).toEqual([
      "The backup was made with LiteLLM's own configuration of /srv/litellm.yaml, but the stack keeps running without one",
    ]);
    expect((await readState(files, paths))?.litellm).toBeUndefined();
  });

  test.each([
    ['was changed', { ...FILES, 'guard.py': '' }],
    ['leads out of its folder', { ...FILES, '../guard.py': '' }],
  ])('makes the manifest invalid if it %s', async (_, changed) => {
    const { stack, files, made } = await archived();
    const manifest = { ...made.manifest, litellm: { ...LITELLM, files: changed } };
    await files.write(made.file.replace('.dump', '.json'), JSON.stringify(manifest), 0o600);
    expect(await caught(() => restore(stack, made.file))).toMatchObject({
      code: 'backup_invalid',
      exitCode: EXIT.data,
      hint: 'Nothing was changed. Choose another backup: agents-llm backup list',
    });
  });
});
