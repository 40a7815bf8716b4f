import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parseConfig } from '../../../../src/litellm/config/parse-config.ts';
import type { StackState } from '../../../../src/project/state.ts';
import { flagsWithConfig, settingWarnings } from '../../../../src/stack/lifecycle/config-settings.ts';
import type { UpFlags } from '../../../../src/stack/lifecycle/up-options.ts';
import { planSpec } from '../../../../src/stack/open/plan-spec.ts';
import { clientOf } from '../../../support/admin-client.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const FLAGS: UpFlags = { timeout: 1, pull: 'missing' };
const SETTINGS = 'port: 4123\nbind: 127.0.0.2\nimage: l:2\n';

let home: string;
beforeEach(async () => {
  home = await temporaryFolder();
});

async function flags(text: string, given: Partial<UpFlags> = {}, env: Record<string, string> = {}) {
  const place = { path: join(home, 'agents-llm.yaml'), shown: 'agents-llm.yaml', folder: home };
  const all = { ...FLAGS, ...given };
  const {
    timeout: _,
    pull: __,
    configEnvironment: ___,
    ...rest
  } = await flagsWithConfig(all, parseConfig(text, place), place, fakeInvocation({ home, env }));
  return rest;
}

/** Of a stack that has been made. */
async function writeSecrets(username: string, password: string): Promise<void> {
  const folder = join(home, '.local', 'share', 'agents-llm', 'agents-llm');
  await mkdir(folder, { recursive: true });
  const secrets = 'LITELLM_MASTER_KEY=sk-0123456789abcdef\nLITELLM_SALT_KEY=salt\nPOSTGRES_PASSWORD=password\n';
  await writeFile(join(folder, '.env'), `${secrets}UI_USERNAME=${username}\nUI_PASSWORD=${password}\n`);
}

test('uses the file when neither a flag nor a variable is set', async () => {
  expect(await flags(SETTINGS)).toEqual({ port: 4123, bind: '127.0.0.2', configImage: 'l:2' });
  expect(await flags(SETTINGS, { port: 1, image: 'l:3' }, { AGENTS_LLM_BIND: '127.0.0.3' })).toEqual({
    port: 1,
    image: 'l:3',
    configImage: 'l:2',
  });
  expect(await flags('name: shop\n')).toEqual({});
});

test('prefers the origins of a flag to those of the file, and an empty list removes them', async () => {
  const file = 'cors_origins: [https://app.lan:443]\n';
  expect(await flags(file)).toEqual({ corsOrigin: ['https://app.lan'] });
  expect(await flags(file, { corsOrigin: [] })).toEqual({ corsOrigin: [] });
  expect(await flags('cors_origins: []\n')).toEqual({ corsOrigin: [] });
  expect(await caught(() => flags('cors_origins: ["*"]\n'))).toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining('must be scheme://host[:port] without a path'),
  });
});

test('uses the image of the file on Docker only, after a flag, and never an older one', () => {
  const docker = { image: 'l:1', databaseImage: 'p:1' };
  const native = { image: 'litellm==1.108.11', databaseImage: 'pg==1' };
  const image = (given: Partial<UpFlags>, defaults: typeof docker) =>
    planSpec('shop', { flags: { configImage: 'l:2', ...given }, env: {} }, undefined, defaults).image;
  const after = (was: string) =>
    planSpec('shop', { flags: { configImage: 'l:v1.2.3' }, env: {} }, { image: was } as StackState, docker).image;
  expect([after('l:v1.2.2'), after('l:v1.3.0'), after('l:latest')]).toEqual(['l:v1.2.3', 'l:v1.3.0', 'l:v1.2.3']);
  expect([image({}, docker), image({ image: 'l:3' }, docker), image({}, native)]).toEqual(['l:2', 'l:3', native.image]);
});

describe('the login from agents-llm.yaml', () => {
  const generate = 'ui: {username: ann, password: generate}\n';
  const variable = 'ui: {password: "env:UI"}\n';
  const file = 'ui: {password: "file:secret/ui"}\n';

  test('is passed to a new stack', async () => {
    expect(await flags(generate)).toEqual({ uiUsername: 'ann', uiPassword: { kind: 'generate' } });
    expect(await flags(variable, {}, { UI: 'password1' })).toEqual({ uiPassword: { kind: 'env', name: 'UI' } });
    expect(await flags(file)).toEqual({ uiPassword: { kind: 'file', name: join(home, 'secret', 'ui') } });
    expect(await flags(generate, { uiUsername: 'bob', uiPassword: { kind: 'stdin' } })).toEqual({
      uiUsername: 'bob',
      uiPassword: { kind: 'stdin' },
    });
  });

  test('is not set again, so that up stays fast when nothing changed', async () => {
    await mkdir(join(home, 'secret'));
    await writeFile(join(home, 'secret', 'ui'), 'password1\n');
    await writeSecrets('ann', 'password1');
    expect(await flags(generate)).toEqual({});
    expect(await flags(variable, {}, { UI: 'password1' })).toEqual({});
    expect(await flags(variable)).toEqual({});
    expect(await flags(file)).toEqual({});
  });

  test('is changed when it differs', async () => {
    await writeSecrets('admin', 'admin');
    expect(await flags(generate)).toEqual({ uiUsername: 'ann', uiPassword: { kind: 'generate' } });
    expect(await flags(variable, {}, { UI: 'password2' })).toEqual({ uiPassword: { kind: 'env', name: 'UI' } });
  });
});

test('warns that a LiteLLM elsewhere receives neither configuration nor variables', async () => {
  const place = { path: join(home, 'agents-llm.yaml'), shown: 'agents-llm.yaml', folder: home };
  const text = 'litellm: {litellm_settings: {drop_params: true}}\n';
  const far = { client: clientOf({ url: 'http://far:4000' }, { startCommand: null }) };
  const warnings = (more: string) =>
    settingWarnings(parseConfig(text + more, place), place, far, fakeInvocation({ home, env: {} }));
  const litellm =
    'litellm in agents-llm.yaml has no effect on http://far:4000: that LiteLLM is started with its own configuration';
  const rest = 'in agents-llm.yaml has no effect on http://far:4000, because that gateway is not started by agents-llm';
  expect(await warnings('')).toEqual([litellm]);
  expect(await warnings('env: {A: b}\n')).toEqual([litellm, `env ${rest}`]);
  expect(await warnings('aws: {profile: dev}\n')).toEqual([litellm, `aws ${rest}`]);
});
