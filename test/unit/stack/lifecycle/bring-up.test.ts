import { stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { CliError, EXIT } from '../../../../src/model/errors.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { alsoAccept, changedSecrets, fingerprintsOf } from '../../../../src/project/fingerprints.ts';
import { parseSecrets, readSecrets } from '../../../../src/project/secrets.ts';
import { readState } from '../../../../src/project/state.ts';
import { SET_RETENTION } from '../../../../src/stack/data/log-retention.ts';
import { bringUp } from '../../../../src/stack/lifecycle/bring-up.ts';
import type { UpFlags } from '../../../../src/stack/lifecycle/up-options.ts';
import { isRotating } from '../../../../src/stack/rotation/rotating.ts';
import { caught } from '../../../support/caught.ts';
import { MASTER_KEY } from '../../../support/fake-litellm.ts';
import {
  addUserData,
  type FakeStack,
  type FakeStackOptions,
  fakeStack,
  portOf,
  secretsText,
  serviceFails,
  VOLUME,
} from '../../../support/fake-stack.ts';

const FLAGS: UpFlags = { timeout: 60_000, pull: 'missing' };

async function setUp(options: FakeStackOptions = {}) {
  const stack = await fakeStack(options);
  const { files } = stack.invocation.context;
  const { paths } = stack.invocation.settings;
  await files.makeFolder(paths.folder);
  const up = (flags: Partial<UpFlags> = {}, { invocation, runtimeFor }: FakeStack = stack) =>
    bringUp({ ...FLAGS, ...flags }, invocation, invocation.context.clock.now(), runtimeFor);
  const written = async () => ({ state: await readState(files, paths), secrets: await readSecrets(files, paths) });
  return { stack, files, paths, up, written };
}

/** Before the first `up`, whose proxy will be the test server. */
const fresh = async (options: FakeStackOptions = {}) => {
  const world = await setUp({ made: false, env: { LITELLM_MASTER_KEY: MASTER_KEY }, ...options });
  return { ...world, flags: { port: portOf(world.stack.proxy) } };
};

describe('the first up', () => {
  test('creates secrets for the owner only, writes the state and starts the stack', async () => {
    const { stack, paths, up, written, flags } = await fresh({
      runtime: { imageDigests: async () => ({ 'l:v1.108.11': 'sha256:l' }) },
    });
    const { data, warnings } = await up(flags);
    expect(data).toMatchObject({
      change: 'started',
      version: '1.108.11',
      url: stack.proxy.url,
      ui: { username: 'admin', password: null },
      secretsFile: paths.secrets,
    });
    expect(warnings).toEqual([]);
    expect(stack.calls).toEqual(['prepare l:v1.108.11 missing', 'start litellm-db+litellm']);
    const { state, secrets } = await written();
    expect((await stat(paths.secrets)).mode & 0o777).toBe(0o600);
    expect(state).toMatchObject({
      runtime: 'docker',
      port: flags.port,
      engine: { id: 'E' },
      digests: { 'l:v1.108.11': 'sha256:l' },
      data: { id: stack.database.identity(), volume: VOLUME },
    });
    expect(secrets && state?.fingerprints && changedSecrets(secrets, state.fingerprints)).toEqual([]);
  });

  test('warns about an engine on another machine without TLS', async () => {
    const { up, flags } = await fresh({ runtime: { endpoint: async () => 'tcp://10.0.0.5:2375' } });
    expect((await up(flags)).warnings).toEqual([
      expect.stringMatching(
        /^The connection to the Docker engine at tcp:\/\/10\.0\.0\.5:2375 is not encrypted.*ssh:\/\/USER@10\.0\.0\.5$/,
      ),
    ]);
  });

  test('limits the request log once', async () => {
    const { up, written, flags } = await fresh();
    expect((await up(flags)).data.logRetention).toBe('30d');
    expect((await written()).state?.logRetentionSettled).toBe(true);
    expect((await up({ image: 'l:v1.200.0' })).data).toMatchObject({ change: 'started', logRetention: null });
  });

  test('does not limit a request log that already contains requests', async () => {
    const { stack, up, written, flags } = await fresh();
    stack.proxy.state.spendLogs.push({ request_id: 'r', api_key: 'k', startTime: '2026-01-01T00:00:00Z' });
    expect((await up(flags)).data.logRetention).toBeNull();
    expect((await written()).state?.logRetentionSettled).toBe(true);
  });

  test('leaves the limit to a configuration of LiteLLM that sets one', async () => {
    const { up, written, flags } = await fresh();
    const litellm: UpFlags['litellm'] = {
      ...{ hash: 'abc', source: '/c.yaml', origin: 'flag' as const },
      ...{ files: {}, variables: [], warnings: [], loopback: [], setsRetention: true },
    };
    expect((await up({ ...flags, litellm })).data.logRetention).toBeNull();
    expect((await written()).state?.logRetentionSettled).toBeUndefined();
  });

  test('warns when it cannot limit the request log, but succeeds', async () => {
    const { stack, up, written, flags } = await fresh();
    const { sql } = stack.runtime.database;
    stack.runtime.database.sql = async (script, ...rest) => {
      if (script !== SET_RETENTION) return sql(script, ...rest);
      throw new CliError('database_failed', 'psql failed: relation "LiteLLM_Config" does not exist');
    };
    expect(await up(flags)).toMatchObject({
      data: { change: 'started', logRetention: null },
      warnings: [
        'The request log has no limit, because it could not be set: psql failed: relation "LiteLLM_Config" does not exist',
      ],
    });
    expect((await written()).state?.logRetentionSettled).toBeUndefined();
  });

  test('continues an interrupted start with the same secrets', async () => {
    let starts = 0;
    const { up, written, flags } = await fresh({
      onStart: () => {
        starts += 1;
        if (starts === 1) serviceFails('it was cut off');
      },
    });
    expect(await caught(() => up(flags))).toMatchObject({ code: 'compose_failed' });
    const before = (await written()).secrets?.saltKey.reveal();
    expect((await up()).data.change).toBe('started');
    expect((await written()).secrets?.saltKey.reveal()).toBe(before);
  });

  test('masks the secrets under GitHub Actions only', async () => {
    const { stack, up, written, flags } = await fresh({
      env: { LITELLM_MASTER_KEY: MASTER_KEY, GITHUB_ACTIONS: 'true' },
    });
    await up(flags);
    const { secrets } = await written();
    for (const secret of [secrets?.masterKey, secrets?.saltKey, secrets?.databasePassword])
      expect(stack.said()).toContain(`::add-mask::${secret?.reveal()}\n`);
    const elsewhere = await fresh();
    await elsewhere.up(elsewhere.flags);
    expect(elsewhere.stack.said()).toBe('');
  });

  test('refuses to create new secrets beside existing data', async () => {
    const { stack, paths, up } = await fresh({
      runtime: { dataPlace: async () => ({ volume: VOLUME, mounted: null, sharedWith: [] }) },
    });
    expect(await caught(() => up())).toMatchObject({
      code: 'secrets_missing',
      exitCode: EXIT.data,
      message: `${paths.secrets} is missing, but ${VOLUME} contains data that was created with it`,
      hint: `Restore that file from a backup, because new secrets cannot read the data
Or delete the data and start over: agents-llm down --volumes`,
    });
    expect(stack.calls).toEqual([]);
  });

  test('requires a password before it opens the network', async () => {
    const { stack, up } = await fresh({ env: { LITELLM_MASTER_KEY: MASTER_KEY, UI_PASSWORD: 'admin' } });
    expect(await caught(() => up({ bind: '0.0.0.0' }))).toMatchObject({
      code: 'bind_needs_password',
      exitCode: EXIT.usage,
      message: '0.0.0.0 opens the UI to the network, but its password is well known',
      hint: 'Choose another password: --ui-password generate, env:NAME, file:PATH or stdin',
    });
    expect(stack.calls).toEqual([]);
  });

  test('fails on a port in use before it downloads or writes anything', async () => {
    const { stack, files, paths, up } = await fresh({
      runtime: { portHolder: async () => ({ name: 'container web (project shop)', stop: 'Stop it: docker stop web' }) },
    });
    const { context } = stack.invocation;
    const ports = {
      ...context.ports,
      probe: async (_: string, port: number) => (port === 4000 ? 'taken' : 'free') as 'taken' | 'free',
    };
    const there = { ...stack, invocation: { ...stack.invocation, context: { ...context, ports } } };
    expect(await caught(() => up({}, there))).toMatchObject({
      code: 'port_taken',
      exitCode: EXIT.port,
      message: 'Port 4000 on 127.0.0.1 is already in use by container web (project shop)',
      hint: 'Stop it: docker stop web\nOr use another port: agents-llm up --port 4001',
    });
    expect(stack.calls).toEqual([]);
    expect(await files.owner(paths.secrets)).toBeUndefined();
  });
});

describe('a later up', () => {
  test('does nothing and checks no prerequisite when the stack is ready', async () => {
    const { stack, up } = await setUp({
      runtime: {
        preflight: async () => {
          throw new Error('looked at');
        },
      },
    });
    expect((await up()).data).toMatchObject({ change: 'unchanged', url: stack.proxy.url, version: '1.108.11' });
    expect(stack.calls).toEqual([]);
  });

  test.each<[string, Partial<UpFlags>, FakeStackOptions]>([
    ['it is stopped', {}, { runs: false }],
    ['another image is wanted', { image: 'l:v1.109.0' }, {}],
    ['images must be downloaded', { pull: 'always' }, {}],
    ['the data must be adopted', { adopt: true }, {}],
    ['another login is wanted', { uiUsername: 'me' }, {}],
    ['the data has no id yet', {}, { state: { data: undefined } }],
  ])('starts the stack when %s', async (_, flags, options) => {
    const { stack, up } = await setUp(options);
    expect((await up(flags)).data.change).toBe('started');
    expect(stack.calls).toContain('start litellm-db+litellm');
  });

  test('changes only the login in the secrets', async () => {
    const { up, written } = await setUp({ env: { PW: 'pass-word-of-ui' } });
    await up({ uiUsername: 'me', uiPassword: { kind: 'env', name: 'PW' } });
    const { secrets } = await written();
    expect([secrets?.uiUsername, secrets?.uiPassword.reveal()]).toEqual(['me', 'pass-word-of-ui']);
    expect(secrets?.saltKey.reveal()).toBe('the-salt-key');
  });

  test('refuses a compromised image and warns about a vulnerable one', async () => {
    const { stack, up } = await setUp();
    expect(await caught(() => up({ image: 'l:v1.82.7' }))).toMatchObject({
      code: 'version_refused',
      exitCode: EXIT.usage,
    });
    expect(stack.calls).toEqual([]);
    expect((await up({ image: 'l:v1.83.9' })).warnings).toEqual([
      'LiteLLM 1.83.9 lets strangers into its database (CVE-2026-42208). Use ghcr.io/berriai/litellm:v1.108.11',
    ]);
  });

  test('warns when an image name refers to another image than before', async () => {
    const { up } = await setUp({
      runs: false,
      state: { digests: { 'l:v1.108.11': 'sha256:then' } },
      runtime: { imageDigests: async () => ({ 'l:v1.108.11': 'sha256:now' }) },
    });
    expect((await up()).warnings).toEqual([
      'l:v1.108.11 has changed since its first use: it was sha256:then and is sha256:now now',
    ]);
  });

  test('skips its own port in the check while its gateway uses it', async () => {
    const { stack, up } = await setUp();
    const { context } = stack.invocation;
    const ports = { ...context.ports, probe: async () => 'taken' as const };
    const there = { ...stack, invocation: { ...stack.invocation, context: { ...context, ports } } };
    expect((await up({ pull: 'always' }, there)).data.change).toBe('started');
  });
});

describe('the login of the UI', () => {
  test('is generated once and masked in a CI job', async () => {
    const env = { LITELLM_MASTER_KEY: MASTER_KEY, GITHUB_ACTIONS: 'true' };
    const { stack, up, written, flags } = await fresh({ env });
    await up(flags);
    const password = (await written()).secrets?.uiPassword.reveal();
    expect(password).toMatch(/^[0-9a-f]{24}$/);
    expect(stack.said()).toContain(`::add-mask::${password}\n`);
    await up({ pull: 'always' });
    expect((await written()).secrets?.uiPassword.reveal()).toBe(password);
  });

  test('is admin when UI_PASSWORD is set to admin, and causes a warning on later runs', async () => {
    const { stack, up, flags } = await fresh({ env: { LITELLM_MASTER_KEY: MASTER_KEY, UI_PASSWORD: 'admin' } });
    const { data, warnings } = await up(flags);
    expect(data.ui).toMatchObject({ username: 'admin', password: 'admin' });
    expect(warnings).toEqual([]);
    const { context } = stack.invocation;
    const later = { ...stack, invocation: { ...stack.invocation, context: { ...context, env: {} } } };
    expect((await up({}, later)).warnings).toEqual([
      'The UI password is well known, so any user of this machine can log in and use the stored provider keys. Change it: agents-llm up --ui-password generate',
    ]);
  });

  test('stays the same in an older stack until the command changes it', async () => {
    const { up, written } = await setUp({ secrets: { UI_PASSWORD: 'admin' } });
    expect((await up()).warnings).toEqual([expect.stringContaining('agents-llm up --ui-password generate')]);
    expect((await written()).secrets?.uiPassword.reveal()).toBe('admin');
    const { data, warnings } = await up({ uiPassword: { kind: 'generate' } });
    expect(data.change).toBe('started');
    expect(warnings).toEqual([]);
    expect((await written()).secrets?.uiPassword.reveal()).toMatch(/^[0-9a-f]{24}$/);
  });

  test('ignores a changed variable but warns about it', async () => {
    const { up, written } = await setUp({ env: { UI_PASSWORD: 'admin' } });
    expect((await up()).warnings).toEqual([
      'UI_PASSWORD is not used, because this stack has a UI password. Change it: agents-llm up --ui-password env:UI_PASSWORD',
    ]);
    expect((await written()).secrets?.uiPassword.reveal()).toBe('the-ui-password');
    await up({ uiPassword: { kind: 'env', name: 'UI_PASSWORD' } });
    expect((await written()).secrets?.uiPassword.reveal()).toBe('admin');
  });

  test.each([['UI_PASSWORD'], ['UI_USERNAME']])('is completed when .env lacks %s', async (name) => {
    const { files, paths, up, written } = await setUp({ runs: false });
    const before = (await files.read(paths.secrets)) ?? '';
    const line = new RegExp(`${name}=.*\\n`);
    await files.write(paths.secrets, before.replace(line, ''), 0o600);
    expect((await up()).data.change).toBe('started');
    const { secrets } = await written();
    expect(secrets?.uiUsername).toBe('admin');
    expect(secrets?.uiPassword.reveal()).toMatch(name === 'UI_PASSWORD' ? /^[0-9a-f]{24}$/ : /^the-ui-password$/);
    expect(((await files.read(paths.secrets)) ?? '').replace(line, '')).toBe(before.replace(line, ''));
  });
});

describe('origins of web pages', () => {
  test('are remembered until off removes them, and each change recreates the gateway', async () => {
    const { stack, up, written } = await setUp();
    expect((await up({ corsOrigin: ['https://app.lan'] })).data.change).toBe('started');
    expect((await written()).state?.corsOrigins).toEqual(['https://app.lan']);
    expect((await up()).data.change).toBe('unchanged');
    expect((await up({ corsOrigin: [] })).data.change).toBe('started');
    expect((await written()).state?.corsOrigins).toBeUndefined();
    expect(stack.calls.filter((call) => call.startsWith('start'))).toHaveLength(2);
  });

  test('are restricted by the next up for an older gateway', async () => {
    const { up } = await setUp({ corsOrigins: undefined });
    expect((await up()).data.change).toBe('started');
    expect((await up()).data.change).toBe('unchanged');
  });
});

test('omits the entry point of agents-llm until it is enabled again', async () => {
  const { up, written } = await setUp();
  await up({ adopt: true, fastStart: false });
  expect((await written()).state?.fastStart).toBe(false);
  await up({ adopt: true });
  expect((await written()).state?.fastStart).toBe(false);
  await up({ adopt: true, fastStart: true });
  expect((await written()).state).not.toHaveProperty('fastStart');
});

describe('a refused up', () => {
  test.each([
    ['LITELLM_SALT_KEY', 'provider keys cannot be decrypted with another salt key'],
    ['LITELLM_MASTER_KEY', 'clients that use it would be refused'],
    ['POSTGRES_PASSWORD', 'the database still uses it'],
  ])('starts nothing when %s does not match the data', async (name, why) => {
    const { stack, files, paths, up } = await setUp({ runs: false });
    await files.write(paths.secrets, secretsText({ [name]: 'sk-another-one-0123456789' }), 0o600);
    expect(await caught(() => up())).toMatchObject({
      code: 'secrets_changed',
      exitCode: EXIT.data,
      message: `${name} in ${paths.secrets} does not match the data of this stack`,
      hint: expect.stringContaining(`Restore the old value in that file, because ${why}\nOr `),
    });
    expect(stack.calls).toEqual([]);
  });

  test('starts nothing when the volume is missing', async () => {
    const dataPlace = async () => ({ volume: null, mounted: null, sharedWith: [] });
    const { stack, up } = await setUp({ runs: false, runtime: { dataPlace } });
    expect(await caught(() => up())).toMatchObject({ code: 'data_gone', exitCode: EXIT.data });
    expect(stack.calls).toEqual(['prepare l:v1.108.11 missing']);
  });

  test('starts nothing when the stack is on another engine', async () => {
    const { stack, up } = await setUp({ state: { engine: { endpoint: 'unix:///there', id: 'T' } } });
    expect(await caught(() => up())).toMatchObject({
      code: 'engine_changed',
      exitCode: EXIT.prerequisite,
      hint: expect.stringContaining('DOCKER_HOST=unix:///there agents-llm up'),
    });
    expect(stack.calls).toEqual([]);
  });
});

test('fails at once when the gateway rejects the master key', async () => {
  const { paths, up } = await setUp({ secrets: { LITELLM_MASTER_KEY: 'sk-another-0123456789' } });
  expect(await caught(() => up())).toMatchObject({
    code: 'key_refused',
    exitCode: EXIT.refused,
    message: 'The gateway is running but rejects the master key of this stack',
    hint: `Recreate its container with the key in ${paths.secrets}: agents-llm restart litellm`,
  });
});

describe('data from another stack', () => {
  test('is rejected once the database shows it, and the gateway is stopped', async () => {
    const { stack, up } = await setUp({ runs: false });
    stack.database.setIdentity('of another stack');
    expect(await caught(() => up())).toMatchObject({ code: 'data_replaced', exitCode: EXIT.data });
    expect(stack.running.has('litellm')).toBe(false);
  });

  test('is used with --adopt', async () => {
    const { stack, up, written } = await setUp({ runs: false });
    stack.database.setIdentity('of another stack');
    expect((await up({ adopt: true })).data.change).toBe('started');
    expect((await written()).state?.data?.id).toBe(stack.database.identity());
  });
});

describe('an interrupted run', () => {
  test('undoes a restore before anything else', async () => {
    const { stack, files, paths, up } = await setUp({ runs: false });
    addUserData(stack);
    const before = structuredClone(stack.proxy.state);
    stack.running.add('litellm-db');
    await stack.runtime.database.administer('CREATE DATABASE litellm_restore OWNER litellm;\n');
    await stack.runtime.database.administer(
      'ALTER DATABASE litellm RENAME TO litellm_before;\nALTER DATABASE litellm_restore RENAME TO litellm;',
    );
    await files.write(paths.secretsBefore, secretsText(), 0o600);
    expect(stack.proxy.state.models).toEqual([]);
    expect((await up()).data.change).toBe('started');
    expect(stack.proxy.state).toEqual(before);
    expect(stack.database.others()).toEqual([]);
    expect(await files.owner(paths.secretsBefore)).toBeUndefined();
  });

  test.each([
    ['before the file was written', 'the-password'],
    ['after it', 'the-new-password'],
  ])('completes a rotation of the database password with the password in the file: %s', async (_, password) => {
    const old = parseSecrets(secretsText(), 'the test');
    const both = alsoAccept(fingerprintsOf(old, 'salt'), 'databasePassword', new Secret('the-new-password'));
    const secrets = { POSTGRES_PASSWORD: password };
    const { stack, up, written } = await setUp({ secrets, state: { fingerprints: both } });
    expect((await up()).data.change).toBe('started');
    expect(stack.calls).toContain(`password ${password}`);
    expect(isRotating((await written()).state?.fingerprints)).toBe(false);
  });
});

describe('an interrupted upgrade', () => {
  const upgrading = { from: 'l:v1.104.7', backup: '/b/x-upgrade.dump' };

  test('is continued and completed', async () => {
    const { up, written } = await setUp({ runs: false, state: { upgrading } });
    expect((await up()).data.change).toBe('started');
    expect((await written()).state?.upgrading).toBeUndefined();
  });

  test('is completed when its image is already ready', async () => {
    const { stack, up, written } = await setUp({ state: { upgrading } });
    expect((await up()).data.change).toBe('unchanged');
    expect(stack.calls).toEqual([]);
    expect((await written()).state?.upgrading).toBeUndefined();
  });

  test('names the command that rolls back when the image does not start', async () => {
    const { up, written } = await setUp({ runs: false, state: { upgrading }, onStart: () => serviceFails() });
    expect(await caught(() => up())).toMatchObject({
      code: 'upgrade_failed',
      exitCode: EXIT.notReady,
      message: 'The upgrade to l:v1.108.11 failed: it ended',
      hint: `Go back to l:v1.104.7 and the data from before:
agents-llm restore /b/x-upgrade.dump --with-image --no-backup --force`,
    });
    expect((await written()).state?.upgrading).toEqual(upgrading);
  });

  test('is not blamed for another image', async () => {
    const { up } = await setUp({ runs: false, state: { upgrading }, onStart: () => serviceFails() });
    expect(await caught(() => up({ image: 'l:v1.109.0' }))).toMatchObject({ code: 'compose_failed' });
  });
});

test('shows no secrets when a failure has nothing to do with them', async () => {
  const { stack, up } = await setUp({ runs: false, onStart: () => serviceFails('the salt is the-salt-key') });
  const error = await caught(() => up());
  expect(error).toBeInstanceOf(CliError);
  expect(stack.invocation.redaction.apply(error.message)).toBe('the salt is [redacted]');
});
