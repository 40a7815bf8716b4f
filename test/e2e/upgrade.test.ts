import { OpenAI } from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { itUnless } from '../support/skipping.ts';
import { type Cli, createCli } from './support/cli.ts';
import { buildCrashingImage, docker, removeProject } from './support/docker.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOn, onDocker } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROJECT = 'e2e-upgrade';
const PORT = String(await freePort());
const BASE = `http://127.0.0.1:${PORT}`;
const PINNED = 'ghcr.io/berriai/litellm:v1.108.11';
const CRASHING = 'e2e-upgrade-crashing:v1.200.0';
const PROVIDER_KEY = 'sk-provider-key-0123456789';
/** An older LiteLLM, where one is at hand. */
const older = process.env.AGENTS_LLM_TEST_OLDER_LITELLM;

// The tests build on each other: each one uses the stack from the previous one.
describeOn(onDocker)('a stack that changes', () => {
  let cli: Cli;
  let upstream: Upstream;
  let before: ReturnType<typeof snapshot>;
  let key = '';
  const secrets = new Set<string>();
  const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args], { MY_KEY: PROVIDER_KEY });
  const note = () => {
    for (const value of Object.values(cli.secretsOf(PROJECT))) if (value.length > 6) secrets.add(value);
  };
  const chat = async () => {
    const client = new OpenAI({ apiKey: key, baseURL: `${BASE}/v1`, maxRetries: 0 });
    const messages = [{ role: 'user' as const, content: 'ping' }];
    return (await client.chat.completions.create({ model: 'gpt-5', messages })).choices[0]?.message.content;
  };
  const masterKeyStatus = async (masterKey = '') =>
    (await fetch(`${BASE}/key/list`, { headers: { authorization: `Bearer ${masterKey}` } })).status;
  const image = () => docker('inspect', '--format', '{{.Config.Image}}', `${PROJECT}-litellm-1`);

  beforeAll(async () => {
    removeProject(PROJECT);
    before = snapshot();
    cli = createCli(onDocker);
    upstream = await startUpstream(onDocker);
    buildCrashingImage(CRASHING);
    expect((await run('up', '--port', PORT, '--image', older ?? PINNED)).code).toBe(0);
    expect((await run('provider', 'add', 'openai', '--from-env', 'MY_KEY', '--api-base', upstream.url)).code).toBe(0);
    expect((await run('alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai')).code).toBe(0);
    key = (await run('provision-key')).stdout.trim();
    note();
  });

  afterAll(async () => {
    const seen = cli.everythingSeen();
    await upstream.close();
    removeProject(PROJECT);
    docker('rmi', '-f', CRASHING);
    cli.dispose();
    expectNoLeaks(before);
    for (const value of secrets) expect(seen.includes(value), 'a secret was shown').toBe(false);
  });

  itUnless(older ? undefined : 'AGENTS_LLM_TEST_OLDER_LITELLM names no image')(
    'upgrades an older LiteLLM and keeps its data',
    async () => {
      expect((await run('status')).stdout).toContain(`made for ${PINNED}`);
      const upgraded = await run('upgrade', '--json');
      expect(upgraded.json.data).toMatchObject({ change: 'upgraded', from: older, to: PINNED, version: '1.108.11' });
      expect(upgraded.json.data.backup).toMatch(/-upgrade\.dump$/);
      expect(await chat()).toBe('pong');
      expect((await run('status', '--json')).json.data).toMatchObject({ version: '1.108.11', models: 1, keys: 1 });
    },
  );

  it('changes nothing when the image already runs or must not be installed', async () => {
    expect((await run('upgrade', '--json')).json.data).toMatchObject({ change: 'unchanged', backup: null });
    const refused = await run('upgrade', '--to', 'v1.82.7', '--json');
    expect([refused.code, refused.json.error.code]).toEqual([2, 'version_refused']);
    const back = await run('upgrade', '--to', '1.100.0', '--json');
    expect([back.code, back.json.error.code]).toEqual([3, 'confirmation_needed']);
    expect(image()).toBe(PINNED);
  });

  it('names the one command that rolls back a new image that does not start', async () => {
    const failed = await run('upgrade', '--image', CRASHING, '--pull', 'never', '--json');
    expect([failed.code, failed.json.error.code]).toEqual([7, 'upgrade_failed']);
    expect(image()).toBe(CRASHING);
    const command: string = failed.json.error.hint.split('\n').at(-1);
    expect(command).toMatch(/^agents-llm -p e2e-upgrade restore .*-upgrade\.dump --with-image --no-backup --force$/);
    expect((await cli.run(command.split(' ').slice(1))).code).toBe(0);
    expect(image()).toBe(PINNED);
    expect(await chat()).toBe('pong');
    expect((await run('up', '--json')).json.data.change).toBe('unchanged');
  });

  it('accepts a new master key and can still read all stored data', async () => {
    const old = cli.secretsOf(PROJECT).LITELLM_MASTER_KEY;
    expect((await run('rotate-master-key')).code).toBe(0);
    note();
    expect(await masterKeyStatus(old)).toBe(401);
    expect(await masterKeyStatus(cli.secretsOf(PROJECT).LITELLM_MASTER_KEY)).toBe(200);
    expect(await chat()).toBe('pong');
  });

  it('starts after a rotation of the database password was killed', async () => {
    const { child, result } = cli.start(['-p', PROJECT, 'rotate-db-password']);
    await new Promise<void>((resolve, reject) => {
      // The password has been changed in the database, and in the file or not yet.
      child.stderr?.on('data', (text) => String(text).includes('psql') && resolve());
      void result.then(({ stderr }) => reject(new Error(stderr)));
    });
    child.kill('SIGKILL');
    expect((await result).code).toBe(137);
    expect((await run('up')).code).toBe(0);
    note();
    expect(await chat()).toBe('pong');
    expect((await run('verify-persistence', '--no-restart')).code).toBe(0);
  });
});
