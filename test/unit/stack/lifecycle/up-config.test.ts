import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemHttp } from '../../../../src/io/network/http.ts';
import type { StackState } from '../../../../src/project/state.ts';
import { upWithConfig } from '../../../../src/stack/lifecycle/up-config.ts';
import type { UpFlags } from '../../../../src/stack/lifecycle/up-options.ts';
import type { UpData } from '../../../../src/stack/lifecycle/up-outcome.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { MASTER_KEY, startFakeLitellm } from '../../../support/fake-litellm.ts';
import type { FakeLitellm } from '../../../support/fake-litellm-state.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { trustingHttp } from '../../../support/trusting-http.ts';

const FLAGS: UpFlags = { timeout: 1, pull: 'missing' };
const FILE =
  'providers: {openai: {api_key_env: MY_KEY}}\naliases: {gpt-5: {target: openai/gpt-4o, provider: openai}}\n';

let fake: FakeLitellm;
let home: string;
beforeEach(async () => {
  fake = await startFakeLitellm();
  home = await temporaryFolder();
  await mkdir(folder(), { recursive: true });
  await writeState();
  const secrets = `LITELLM_MASTER_KEY=${MASTER_KEY}\nLITELLM_SALT_KEY=salt\nPOSTGRES_PASSWORD=password\n`;
  await writeFile(join(folder(), '.env'), `${secrets}UI_USERNAME=admin\nUI_PASSWORD=admin\n`);
});
afterEach(() => fake.close());

const folder = () => join(home, '.local', 'share', 'agents-llm', 'agents-llm');

function writeState(changes: Partial<StackState> = {}): Promise<void> {
  const state: StackState = {
    schemaVersion: 1,
    runtime: 'docker',
    project: 'agents-llm',
    bind: '127.0.0.1',
    port: Number(new URL(fake.url).port),
    image: 'l:1',
    databaseImage: 'p:1',
    engine: { endpoint: 'unix:///x.sock', id: 'E' },
    createdAt: '2026-01-01T00:00:00Z',
    ...changes,
  };
  return writeFile(join(folder(), 'state.json'), JSON.stringify(state));
}

/** An `up` that has nothing to start. */
async function up(flags: Partial<UpFlags> = {}, env: Record<string, string> = {}, url = fake.url) {
  const data: UpData = {
    project: 'agents-llm',
    runtime: 'docker',
    change: 'unchanged',
    url,
    localUrl: fake.url,
    tls: null,
    version: '1.108.11',
    ui: { url: '', username: 'admin', password: 'admin' },
    logRetention: null,
    keys: 0,
    secretsFile: '',
    elapsedMs: 1,
    nextSteps: ['provision-key'],
    applied: null,
    plan: null,
  };
  // The environment names another LiteLLM, which an `up` must not touch.
  const elsewhere = { LITELLM_BASE_URL: 'http://127.0.0.1:1', LITELLM_MASTER_KEY: 'sk-elsewhere-0123456789' };
  const trust = { AGENTS_LLM_TRUST: '1' };
  const invocation = fakeInvocation({
    home,
    env: { ...elsewhere, ...trust, MY_KEY: 'sk-provider-0123456789', ...env },
    http: trustingHttp(systemHttp()),
  });
  const plan = flags.dryRun ? ['first'] : null;
  return upWithConfig({ ...FLAGS, ...flags }, invocation, async () => ({
    data: { ...data, plan },
    warnings: ['before'],
  }));
}

test('runs a plain up without a file or with --no-apply', async () => {
  expect((await up()).data).toMatchObject({ applied: null, nextSteps: ['provision-key'] });
  await writeFile(join(home, 'agents-llm.yaml'), 'broken');
  expect((await up({ apply: false })).data.applied).toBeNull();
  expect(fake.seen).toEqual([]);
});

test('a dry run names what LiteLLM does not read, and asks no gateway', async () => {
  await writeFile(join(home, 'agents-llm.yaml'), 'litellm: {litellm_settings: {drop_parms: true}}\n');
  expect(await up({ dryRun: true })).toMatchObject({
    data: { plan: ['first', 'Apply agents-llm.yaml'] },
    warnings: ['before', expect.stringMatching(/^agents-llm\.yaml:1:30: litellm_settings\.drop_parms: /)],
  });
  expect(fake.seen).toEqual([]);
});

test('applies the file to its own stack once', async () => {
  await writeFile(join(home, 'agents-llm.yaml'), FILE);
  const first = await up();
  expect(first).toMatchObject({
    warnings: ['before'],
    data: { nextSteps: ['npx agents-llm run -- COMMAND', 'npx agents-llm chat "Say hello"'] },
  });
  expect(first.data.applied?.plan.map(({ name }) => name)).toEqual(['openai', 'gpt-5']);
  expect((await up()).data.applied).toEqual({ file: 'agents-llm.yaml', plan: [] });
});

test('warns about settings that differ between file and stack', async () => {
  await writeFile(join(home, 'agents-llm.yaml'), 'port: 1\nimage: l:2\n');
  const { port } = new URL(fake.url);
  expect((await up()).warnings).toEqual([
    'before',
    `port is 1 in agents-llm.yaml but ${port} in the stack. Run agents-llm up`,
    'image is l:2 in agents-llm.yaml but l:1 in the stack. Run agents-llm up',
  ]);
});

test('applies the file through the local port although its address is that of the reverse proxy', async () => {
  await writeState({
    tls: {
      proxy: 'nginx',
      host: 'llm.lan',
      bind: '0.0.0.0',
      httpsPort: 443,
      httpPort: 80,
      image: 'n:1',
      expires: '2028-01-01T00:00:00.000Z',
      fingerprint: 'AB',
      revision: 'r1',
    },
  });
  await writeFile(join(home, 'agents-llm.yaml'), `bind: 0.0.0.0\n${FILE}`);
  const { data, warnings } = await up({}, {}, 'https://llm.lan');
  expect(data.applied?.plan.map(({ name }) => name)).toEqual(['openai', 'gpt-5']);
  expect(warnings).toEqual(['before']);
  await writeFile(join(home, 'agents-llm.yaml'), `bind: 127.0.0.1\n${FILE}`);
  expect((await up({}, {}, 'https://llm.lan')).warnings).toEqual([
    'before',
    'bind is 127.0.0.1 in agents-llm.yaml but 0.0.0.0 in the stack. Run agents-llm up',
  ]);
});

test('fails before the start for an invalid file, and afterwards for one it cannot apply', async () => {
  await writeFile(join(home, 'agents-llm.yaml'), 'alias: {}\n');
  expect(await caught(() => up())).toMatchObject({ code: 'config_invalid', exitCode: 2 });
  await writeFile(join(home, 'agents-llm.yaml'), FILE);
  expect(await caught(() => up({}, { MY_KEY: 'sk-bad-0123456789' }))).toMatchObject({
    code: 'provider_failed',
    exitCode: 8,
    message: expect.stringMatching(/^The gateway is up, but agents-llm.yaml could not be applied: Provider "openai"/),
    hint: expect.stringMatching(/agents-llm apply --no-check$/),
  });
  await writeFile(join(home, 'agents-llm.yaml'), 'aliases: {gpt-5: {target: no-such-target}}\n');
  expect(await caught(() => up())).toMatchObject({
    code: 'request_rejected',
    exitCode: 8,
    hint: expect.stringMatching(/\nThen run: agents-llm apply$/),
  });
  expect(fake.state.models).toEqual([]);
});
