import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../../src/litellm/config/load-config.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { readState } from '../../../../src/project/state.ts';
import { bringUp } from '../../../../src/stack/lifecycle/bring-up.ts';
import { flagsWithConfig } from '../../../../src/stack/lifecycle/config-settings.ts';
import { gatewayWarnings, withLitellmConfig } from '../../../../src/stack/lifecycle/litellm-wish.ts';
import { settingRisks } from '../../../../src/stack/lifecycle/setting-risks.ts';
import type { UpFlags } from '../../../../src/stack/lifecycle/up-options.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { fakeStack } from '../../../support/fake-stack.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const FLAGS: UpFlags = { timeout: 60_000, pull: 'missing' };
const OWN = 'litellm_settings: {drop_params: true}\n';

async function setUp() {
  // As if another configuration had been started before.
  const stack = await fakeStack({
    runtime: { revision: async () => 'another', start: async () => undefined },
  });
  const { invocation, runtimeFor } = stack;
  const { paths } = invocation.settings;
  const { files } = invocation.context;
  const up = async (given: Partial<UpFlags>) => {
    const flags = await withLitellmConfig({ ...FLAGS, ...given }, invocation);
    return bringUp(flags, invocation, invocation.context.clock.now(), runtimeFor);
  };
  return { up, invocation, paths, state: () => readState(files, paths) };
}

describe('the flag --litellm-config', () => {
  test.each([
    ['general_settings: {maximum_spend_logs_retention_period: 7d}', true],
    // LiteLLM takes it for "never", whatever its database says.
    ['general_settings: {maximum_spend_logs_retention_period: null}', true],
    ['general_settings: {alerting: [slack]}', false],
    ['general_settings:', false],
    [OWN, false],
  ])('detects whether the file limits the request log: %s', async (text, setsRetention) => {
    const { invocation, paths } = await setUp();
    const file = join(paths.folder, 'own.yaml');
    await writeFile(file, text);
    const { litellm } = await withLitellmConfig({ ...FLAGS, litellmConfig: file }, invocation);
    expect(litellm).toMatchObject({ setsRetention });
  });

  test('is remembered with the files that it names, and removed by off', async () => {
    const { up, invocation, paths, state } = await setUp();
    const file = join(paths.folder, 'own.yaml');
    await writeFile(file, OWN);
    const { data } = await up({ litellmConfig: file });
    expect(data.change).toBe('started');
    const { litellm } = (await state()) ?? {};
    expect(litellm).toEqual({ hash: expect.stringMatching(/^[0-9a-f]{12}$/), source: file, origin: 'flag' });
    const kept = JSON.parse(await readFile(paths.litellmFiles, 'utf8'));
    expect(Buffer.from(kept['litellm.yaml'], 'base64').toString()).toBe('litellm_settings:\n  drop_params: true\n');
    // Without the flag the file is read again.
    await writeFile(file, 'litellm_settings: {drop_params: false}\n');
    await up({});
    expect((await state())?.litellm?.hash).not.toBe(litellm?.hash);
    // It stays as it is when the file is gone.
    await invocation.context.files.remove(file);
    const before = (await state())?.litellm;
    await up({});
    expect((await state())?.litellm).toEqual(before);
    await up({ litellmConfig: 'off' });
    expect((await state())?.litellm).toBeUndefined();
    expect(await invocation.context.files.owner(paths.litellmFiles)).toBeUndefined();
  });

  test('fails before any change when the file does not exist', async () => {
    const { up, state } = await setUp();
    expect(await caught(() => up({ litellmConfig: '/nowhere.yaml' }))).toMatchObject({
      code: 'usage',
      exitCode: EXIT.usage,
      hint: 'Correct the path in litellm: or --litellm-config',
    });
    expect((await state())?.litellm).toBeUndefined();
  });
});

describe('the litellm section of agents-llm.yaml', () => {
  const loaded = async (text: string) => {
    const home = await temporaryFolder();
    const place = { path: join(home, 'agents-llm.yaml'), shown: 'agents-llm.yaml', folder: home };
    await writeFile(place.path, text);
    await writeFile(join(home, 'guard.py'), 'guard = 1\n');
    const invocation = fakeInvocation({ home, env: {} });
    return { config: await loadConfig(invocation.context, place), place, invocation };
  };

  test('is used until the file no longer contains it', async () => {
    const { config, place, invocation } = await loaded(`litellm: {${OWN.trim()}}\n`);
    const flags = await flagsWithConfig(FLAGS, config, place, invocation);
    expect(flags.litellm).toMatchObject({ hash: config.litellm?.hash, source: place.path, origin: 'yaml' });
    const flag = await flagsWithConfig({ ...FLAGS, litellmConfig: 'x' }, config, place, invocation);
    expect(flag.litellm).toBeUndefined();
  });

  test('needs separate consent for Python code until the stack runs it', async () => {
    const { config } = await loaded('litellm: {litellm_settings: {callbacks: guard.guard}}\n');
    const state = { bind: '127.0.0.1', image: 'l', runtime: 'docker' } as const;
    expect(settingRisks(config, {}, {}, state)).toEqual(['guard.py runs in the gateway with all secrets of the stack']);
    const same = { hash: config.litellm?.hash ?? '', source: '/x', origin: 'yaml' } as const;
    expect(settingRisks(config, {}, {}, { ...state, litellm: same })).toEqual([]);
  });

  test('names the variables that the gateway does not have', async () => {
    const { config, place, invocation } = await loaded(
      'litellm: {litellm_settings: {a: os.environ/LANGFUSE_HOST, b: os.environ/HTTPS_PROXY}}\n',
    );
    const flags = await flagsWithConfig(FLAGS, config, place, invocation);
    const of = "LiteLLM's own configuration takes";
    const env = { HTTPS_PROXY: 'http://proxy' };
    expect(gatewayWarnings(flags, env, 'docker', { variables: [] })).toEqual([
      `${of} LANGFUSE_HOST, HTTPS_PROXY from the gateway's environment, which does not have them`,
    ]);
    expect(gatewayWarnings(flags, env, 'native', { variables: [] })).toEqual([
      `${of} LANGFUSE_HOST from the gateway's environment, which does not have it`,
    ]);
    const given = ['LANGFUSE_HOST', 'HTTPS_PROXY'].map((name) => ({
      ...{ name, value: new Secret('x'), isSecret: true, source: 'config' as const },
    }));
    expect(gatewayWarnings(flags, env, 'docker', { variables: given })).toEqual([]);
    expect(gatewayWarnings({}, env, 'docker', { variables: [] })).toEqual([]);
  });

  test('warns of addresses on localhost, which is the container under Docker', async () => {
    const { config, place, invocation } = await loaded(
      'litellm: {litellm_settings: {cache_params: {type: redis, host: 127.0.0.1}, a: localhost, b: "http://[::1]:1/v1"}}\n',
    );
    const flags = await flagsWithConfig(FLAGS, config, place, invocation);
    const variable = (name: string, value: string) => ({
      ...{ name, value: new Secret(value), isSecret: true, source: 'config' as const },
    });
    const variables = [
      variable('REDIS_URL', 'redis://:hunter@localhost:6379'),
      variable('PG_HOST', 'localhost'),
      variable('LOG', 'localhost'),
      { ...variable('HTTPS_PROXY', 'http://127.0.0.1:3128'), network: 'proxy' as const },
    ];
    const use = "but localhost is LiteLLM's own container under Docker. Use host.docker.internal as the host instead";
    expect(gatewayWarnings(flags, {}, 'docker', { variables })).toEqual([
      `LiteLLM's own configuration names 127.0.0.1, http://[::1]:1/v1, ${use}`,
      `The gateway gets an address on localhost in PG_HOST, REDIS_URL, ${use}`,
    ]);
    expect(gatewayWarnings(flags, {}, 'native', { variables })).toEqual([]);
  });
});
