import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { type Cli, createCli } from './support/cli.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOn, onDocker, onNative } from './support/stack-under-test.ts';

const PROJECT = 'e2e-move';
const PORT = String(await freePort());
const PROVIDER_KEY = 'sk-provider-key-0123456789';
const API_BASE = 'http://127.0.0.1:9/v1';

// The tests build on each other: data from Docker moves to a machine without Docker and back.
describeOn(onDocker, onNative)('data that moves between runtimes', () => {
  let docker: Cli;
  let native: Cli;
  let before: ReturnType<typeof snapshot>;
  let key = '';
  const on = (cli: Cli) => ({
    run: (...args: string[]) => cli.run(['-p', PROJECT, ...args], { MY_KEY: PROVIDER_KEY, AGENTS_LLM_PORT: PORT }),
  });
  const models = async () => {
    const answer = await fetch(`http://127.0.0.1:${PORT}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    const { data = [] } = (await answer.json()) as { data?: { id: string }[] };
    return data.map(({ id }) => id).sort();
  };
  const apiBases = async (cli: Cli) => {
    const { providers } = (await on(cli).run('provider', 'list', '--json')).json.data;
    return providers.map(({ values }: { values: { api_base: string } }) => values.api_base);
  };
  const add = (cli: Cli, alias: string) =>
    on(cli).run('alias', 'add', alias, '--target', 'openai/gpt-4o', '--provider', 'openai');

  beforeAll(async () => {
    onDocker.remove(undefined, PROJECT);
    before = snapshot();
    docker = createCli(onDocker);
    native = createCli(onNative);
    const { run } = on(docker);
    expect((await run('up')).code).toBe(0);
    expect((await run('provider', 'add', 'openai', '--from-env', 'MY_KEY', '--api-base', API_BASE)).code).toBe(0);
    expect((await add(docker, 'gpt-5')).code).toBe(0);
    key = (await run('provision-key')).stdout.trim();
    expect(await models()).toEqual(['gpt-5']);
  });

  afterAll(() => {
    onDocker.remove(docker, PROJECT);
    for (const cli of [native, docker]) onNative.remove(cli, PROJECT);
    for (const cli of [native, docker]) cli.dispose();
    expectNoLeaks(before);
  });

  it('goes from Docker to a home without Docker by backup and restore', async () => {
    const file = join(docker.home, 'from-docker.dump');
    expect((await on(docker).run('backup', file, '--with-secrets')).code).toBe(0);
    expect((await on(docker).run('down')).code).toBe(0);
    const restored = await on(native).run('restore', file, '--json');
    expect(restored.json.data).toMatchObject({
      counts: { providers: 1, aliases: 1, keys: 1, teams: 0 },
      backup: null,
    });
    expect((await on(native).run('status', '--json')).json.data).toMatchObject({ runtime: 'native', state: 'ready' });
    expect([await models(), await apiBases(native)]).toEqual([['gpt-5'], [API_BASE]]);
    expect((await on(native).run('provision-key')).stdout.trim()).toBe(key);
    expect(native.secretsOf(PROJECT).LITELLM_SALT_KEY).toBe(docker.secretsOf(PROJECT).LITELLM_SALT_KEY);
  });

  it('goes back with the rows that were added there', async () => {
    expect((await add(native, 'gpt-6')).code).toBe(0);
    const file = join(native.home, 'from-native.dump');
    expect((await on(native).run('backup', file)).code).toBe(0);
    expect((await on(native).run('down')).code).toBe(0);
    expect((await on(docker).run('restore', file, '--force')).code).toBe(0);
    expect((await on(docker).run('status', '--json')).json.data).toMatchObject({ runtime: 'docker', state: 'ready' });
    expect([await models(), await apiBases(docker)]).toEqual([['gpt-5'], [API_BASE]]);
    expect((await on(docker).run('alias', 'list', '--json')).json.data.aliases).toHaveLength(2);
    expect((await on(docker).run('verify-persistence', '--no-restart')).code).toBe(0);
  });

  it.each(['native', 'docker'] as const)('moves to %s with the commands in the error message', async (to) => {
    const { run } = on(docker);
    const masterKey = docker.secretsOf(PROJECT).LITELLM_MASTER_KEY;
    const refused = await run('up', '--runtime', to, '--json');
    expect([refused.code, refused.json.error.code]).toEqual([5, 'runtime_changed']);
    const commands: string[] = refused.json.error.hint.split('\n').slice(1);
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      const words = command.split(' ');
      const start = words.indexOf('agents-llm');
      const env = Object.fromEntries(words.slice(0, start).map((word) => word.split('=')));
      const done = await docker.run(words.slice(start + 1), env);
      expect([command, done.code, done.stderr]).toEqual([command, 0, expect.any(String)]);
    }
    expect((await run('status', '--json')).json.data).toMatchObject({
      runtime: to,
      state: 'ready',
      url: `http://127.0.0.1:${PORT}`,
    });
    expect([await models(), await apiBases(docker)]).toEqual([['gpt-5'], [API_BASE]]);
    expect(docker.secretsOf(PROJECT).LITELLM_MASTER_KEY).toBe(masterKey);
  });
});
