import { describe, expect, test } from 'vitest';
import { renderUpgrade } from '../../../src/commands/upgrade.ts';
import { CliError, EXIT, interruption } from '../../../src/model/errors.ts';
import { readState } from '../../../src/project/state.ts';
import { runUpgrade, type UpgradeFlags } from '../../../src/stack/upgrade/upgrade-stack.ts';
import { caught } from '../../support/caught.ts';
import {
  addUserData,
  type FakeStack,
  type FakeStackOptions,
  fakeStack,
  secretsText,
  serviceFails,
} from '../../support/fake-stack.ts';

const NOW = 'l:v1.108.11';
const NEXT = 'l:v1.109.0';
const FLAGS: UpgradeFlags = { pull: 'missing', backup: true, timeout: 60_000 };

const upgrade = (stack: FakeStack, flags: Partial<UpgradeFlags> = { to: [1, 109, 0] }) =>
  runUpgrade({ ...FLAGS, ...flags }, stack.invocation, stack.runtimeFor);

async function withData(options: FakeStackOptions = {}) {
  const stack = await fakeStack(options);
  addUserData(stack);
  const state = () => readState(stack.invocation.context.files, stack.invocation.settings.paths);
  const backups = () => stack.invocation.context.files.list(stack.invocation.settings.paths.backups);
  return { stack, state, backups };
}

test('downloads the image, backs up the data, replaces LiteLLM and records the new image', async () => {
  const { stack, state, backups } = await withData({ runtime: { imageDigests: async () => ({ [NEXT]: 'sha256:n' }) } });
  const { data, warnings } = await upgrade(stack);
  expect(data).toMatchObject({ change: 'upgraded', from: NOW, to: NEXT, version: '1.108.11' });
  expect(data.backup).toMatch(/-upgrade\.dump$/);
  expect(await backups()).toHaveLength(2);
  expect(warnings).toEqual([]);
  expect(stack.calls).toEqual([`prepare ${NEXT} missing`, 'start litellm-db+litellm, new litellm']);
  expect(await state()).toMatchObject({ image: NEXT, digests: { [NEXT]: 'sha256:n' } });
  expect((await state())?.upgrading).toBeUndefined();
});

test('upgrades a stopped stack, and starts its database for the backup', async () => {
  const { stack } = await withData({ runs: false });
  expect((await upgrade(stack)).data.change).toBe('upgraded');
  expect(stack.calls[1]).toBe('start litellm-db');
});

test.each<[string, Partial<UpgradeFlags>]>([
  ['without a version: the one that this command is made for', {}],
  ['by its version', { to: [1, 108, 11] }],
  ['by its name', { image: NOW }],
])('leaves the version that already runs unchanged (%s)', async (_, flags) => {
  const { stack, backups } = await withData();
  expect((await upgrade(stack, flags)).data).toMatchObject({ change: 'unchanged', from: NOW, to: NOW, backup: null });
  expect(stack.calls).toEqual([]);
  expect(await backups()).toEqual([]);
});

test('continues an interrupted upgrade when the recorded image does not run yet', async () => {
  const { stack } = await withData({ state: { image: NEXT } });
  expect((await upgrade(stack)).data).toMatchObject({ change: 'upgraded', to: NEXT });
  expect(stack.calls.at(-1)).toBe('start litellm-db+litellm, new litellm');
});

test('says when a tag points to another image than at its first use', async () => {
  const { stack, state } = await withData({
    state: { digests: { [NEXT]: 'sha256:then' } },
    runtime: { imageDigests: async () => ({ [NEXT]: 'sha256:now' }) },
  });
  expect((await upgrade(stack)).warnings).toEqual([
    `${NEXT} has changed since its first use: it was sha256:then and is sha256:now now`,
  ]);
  expect((await state())?.digests).toEqual({ [NEXT]: 'sha256:now' });
});

describe('upgrade changes nothing', () => {
  const unchanged = async (stack: FakeStack) => {
    const { files } = stack.invocation.context;
    const { paths } = stack.invocation.settings;
    expect((await readState(files, paths))?.image).toBe(NOW);
    expect(await files.list(paths.backups)).toEqual([]);
    expect(stack.calls.filter((call) => call.startsWith('start'))).toEqual([]);
  };

  test.each([
    ['1.82.7', 'LiteLLM 1.82.7 was published by thieves and steals credentials'],
    ['1.82.8', 'LiteLLM 1.82.8 was published by thieves and steals credentials'],
    ['1.83.9', 'LiteLLM 1.83.9 lets strangers into its database (CVE-2026-42208)'],
  ])('for %s, which it refuses even with force', async (version, message) => {
    const { stack } = await withData();
    expect(await caught(() => upgrade(stack, { image: `l:v${version}`, force: true }))).toMatchObject({
      code: 'version_refused',
      exitCode: EXIT.usage,
      message,
      hint: expect.stringMatching(/Use ghcr\.io\/berriai\/litellm:v1\.108\.11$/),
    });
    await unchanged(stack);
  });

  test('for an older version without --force', async () => {
    const { stack } = await withData();
    expect(await caught(() => upgrade(stack, { to: [1, 100, 0] }))).toMatchObject({
      code: 'confirmation_needed',
      exitCode: EXIT.confirm,
      message: `l:v1.100.0 is older than ${NOW}, but database migrations cannot be undone`,
      hint: 'Restore a backup of that version: agents-llm restore FILE --with-image\nOr try it anyway with --force',
    });
    await unchanged(stack);
    expect((await upgrade(stack, { to: [1, 100, 0], force: true })).data.change).toBe('upgraded');
  });

  test('for an image that cannot be downloaded', async () => {
    const prepare = async () => {
      throw new CliError('image_not_found', 'there is no such image');
    };
    const { stack } = await withData({ runtime: { prepare } });
    expect(await caught(() => upgrade(stack))).toMatchObject({ code: 'image_not_found' });
    await unchanged(stack);
  });

  test('when the backup fails', async () => {
    const dump = async () => {
      throw new CliError('state_full', 'no space is left');
    };
    const { stack } = await withData({ runtime: { database: { dump } } });
    expect(await caught(() => upgrade(stack))).toMatchObject({ code: 'state_full', exitCode: EXIT.failed });
    await unchanged(stack);
  });

  test('when the secrets do not match the data', async () => {
    const { stack } = await withData();
    const { files } = stack.invocation.context;
    await files.write(stack.invocation.settings.paths.secrets, secretsText({ LITELLM_SALT_KEY: 'other' }), 0o600);
    expect(await caught(() => upgrade(stack))).toMatchObject({ code: 'secrets_changed', exitCode: EXIT.data });
    await unchanged(stack);
  });

  test('when there is no stack', async () => {
    const stack = await fakeStack({ made: false });
    await stack.invocation.context.files.makeFolder(stack.invocation.settings.paths.folder);
    expect(await caught(() => upgrade(stack))).toMatchObject({ code: 'not_running', exitCode: EXIT.notRunning });
  });
});

describe('a failed upgrade', () => {
  test('names the restore command when the new image does not start', async () => {
    const { stack } = await withData({ onStart: (_, image) => image === NEXT && serviceFails('litellm ended with 3') });
    const error = await caught(() => upgrade(stack));
    const backup = error.details.backup;
    expect(error).toMatchObject({
      code: 'upgrade_failed',
      exitCode: EXIT.notReady,
      message: `The upgrade to ${NEXT} failed: litellm ended with 3`,
      hint: `Go back to ${NOW} and the data from before:\nagents-llm restore ${backup} --with-image --no-backup --force`,
      details: { from: NOW, to: NEXT, backup: expect.stringMatching(/-upgrade\.dump$/) },
    });
  });

  test('repeats the restore command on every later upgrade until one succeeds', async () => {
    const { stack, state } = await withData({ onStart: (_, image) => image !== NOW && serviceFails() });
    const first = await caught(() => upgrade(stack));
    const way = { from: NOW, backup: first.details.backup };
    expect((await state())?.upgrading).toEqual(way);
    const second = await caught(() => upgrade(stack, { to: [1, 110, 0], backup: false }));
    expect(second.hint).toBe(first.hint);
    expect((await state())?.upgrading).toEqual(way);
    expect((await upgrade(stack, { image: NOW, force: true, backup: false })).data.change).toBe('upgraded');
    expect((await state())?.upgrading).toBeUndefined();
  });

  test('names the command for the image alone when there is no backup', async () => {
    const { stack } = await withData({ onStart: (_, image) => image === NEXT && serviceFails() });
    expect(await caught(() => upgrade(stack, { to: [1, 109, 0], backup: false }))).toMatchObject({
      code: 'upgrade_failed',
      hint: `Go back to ${NOW}:\nagents-llm upgrade --image ${NOW} --force`,
    });
  });

  test.each<[string, (state: FakeStack['proxy']['state']) => void, string]>([
    [
      'a row is gone',
      (state) => state.keys.splice(0),
      'Key agents-service is lost: its row is missing from the database (1 in all)',
    ],
    [
      'LiteLLM cannot read a row',
      (state) => void state.models.splice(0, 1, ...state.models.map((model) => ({ ...model, live: false }))),
      'Alias gpt-5 is unreadable: it is in the database, but LiteLLM does not show it (1 in all)',
    ],
  ])('is reported when %s', async (_, harm, why) => {
    const { stack } = await withData({ onStart: (__, image) => image === NEXT && harm(stateOf()) });
    const stateOf = () => stack.proxy.state;
    expect(await caught(() => upgrade(stack))).toMatchObject({
      code: 'data_lost',
      exitCode: EXIT.data,
      message: `The upgrade to ${NEXT} failed: ${why}`,
      hint: expect.stringContaining('--with-image'),
    });
  });

  test('does not include a row that a migration changes', async () => {
    const { stack } = await withData({
      onStart: (_, image) => image === NEXT && Object.assign(stateOf().models[0]?.params ?? {}, { added: true }),
    });
    const stateOf = () => stack.proxy.state;
    expect((await upgrade(stack)).data.change).toBe('upgraded');
  });

  test('reports Ctrl-C and records the new image, so that the next up continues', async () => {
    const interrupt = new AbortController();
    const { stack, state } = await withData({ onStart: () => interrupt.abort(interruption('SIGINT')) });
    const { context } = stack.invocation;
    const invocation = { ...stack.invocation, context: { ...context, signal: interrupt.signal } };
    expect(await caught(() => runUpgrade({ ...FLAGS, to: [1, 109, 0] }, invocation, stack.runtimeFor))).toMatchObject({
      code: 'interrupted',
      exitCode: EXIT.interrupted,
    });
    expect((await state())?.image).toBe(NEXT);
  });
});

test('shows the running version and where the backup of the previous data is', () => {
  const done = { project: 'shop', from: NOW, to: NEXT, elapsedMs: 20_000 };
  expect(renderUpgrade({ ...done, change: 'upgraded', version: '1.109.0', backup: '/b/x.dump' })).toBe(
    `Upgraded shop from ${NOW} to LiteLLM 1.109.0, with all of its data (20.0 s)\nBackup of the previous data: /b/x.dump\n`,
  );
  expect(renderUpgrade({ ...done, change: 'unchanged', version: null, backup: null })).toBe(
    `shop already runs ${NEXT}\n`,
  );
});
