import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemProcesses } from '../../src/io/processes/processes.ts';
import { configureCli } from '../support/configure-cli.ts';
import { MASTER_KEY } from '../support/fake-litellm.ts';
import { proxyTo } from '../support/http-proxy.ts';
import { runBin } from '../support/run-bin.ts';
import { serviceRecord } from '../support/service-record.ts';

const PROVIDER_KEY = 'sk-provider-0123456789';
const KEY = /^sk-[\w-]{16,}\n$/;

describe.each(['1.108.11', '1.90.2'] as const)('LiteLLM %s', (version) => {
  test('creates provider, alias and key with three commands that change nothing when repeated', async () => {
    const { fake, run } = await configureCli(version);
    const steps = async () => [
      await run(['provider', 'add', 'openai', '--from-env', 'OPENAI_API_KEY'], { OPENAI_API_KEY: PROVIDER_KEY }),
      await run(['alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai']),
      await run(['provision-key', '--max-budget', '5']),
    ];
    const first = await steps();
    expect(first.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(first.map(({ stdout }) => stdout)).toEqual([
      'openai: created\n',
      'gpt-5: created (drops parameters that the target does not support)\n',
      expect.stringMatching(KEY),
    ]);
    const writes = () => fake.seen.filter(({ method }) => method !== 'GET').length;
    const before = writes();
    const second = await steps();
    expect(second.map(({ stdout }) => stdout)).toEqual(['openai: unchanged\n', 'gpt-5: unchanged\n', first[2]?.stdout]);
    expect(writes()).toBe(before);
    const lists = [await run(['provider', 'list']), await run(['alias', 'list']), await run(['key', 'list', '--json'])];
    const text = lists.map(({ stdout, stderr }) => stdout + stderr).join('');
    expect(text).toMatch(/gpt-5 +openai\/gpt-4o +openai +live +\$2.5 \/ \$10/);
    for (const secret of [PROVIDER_KEY, MASTER_KEY, first[2]?.stdout.trim() ?? '']) expect(text).not.toContain(secret);
    expect((await run(['key', 'revoke', 'agents-service'])).stdout).toBe('agents-service: removed\n');
    expect(fake.state.keys).toEqual([]);
  });
});

test.each([
  ['an empty key', ['provider', 'add', 'openai', '--from-stdin'], '\n', 'The key from stdin is empty'],
  ['a key with a space', ['provider', 'add', 'openai', '--from-stdin'], 'sk-a b\n', 'contains a space'],
  ['a key of two lines', ['provider', 'add', 'openai', '--from-stdin'], 'sk-a\nsk-b\n', 'contains a space, a newline'],
  [
    'an unset variable',
    ['provider', 'add', 'openai', '--from-env', 'NOPE'],
    '',
    'Environment variable NOPE is not set',
  ],
  ['no source', ['provider', 'add', 'openai'], '', 'No API key given for openai'],
  ['two sources', ['provider', 'add', 'openai', '--from-stdin', '--from-env', 'A'], '', 'more than one source'],
  ['a missing file', ['provider', 'add', 'openai', '--from-file', '/nope'], '', 'cannot be read (ENOENT)'],
  ['an unknown name', ['provider', 'add', 'work', '--from-stdin'], 'sk-a', 'Cannot tell which provider'],
  ['no target', ['alias', 'add', 'gpt-5'], '', 'Missing target model'],
  ['a bad lifetime', ['provision-key', '--duration', '30'], '', '--duration is not a valid lifetime: "30"'],
  ['a bad budget', ['provision-key', '--max-budget', 'lots'], '', '--max-budget: "lots" is not dollars'],
  ['a bad limit', ['provision-key', '--rpm-limit', '1.5'], '', '--rpm-limit: "1.5" is not a whole number'],
  ['an empty model', ['provision-key', '--models', 'a,,b'], '', '--models: a model name is empty'],
  ['a bad name', ['provision-key', '--name', 'X=Y'], '', 'OPENAI_API_KEY=NAME or OPENAI_BASE_URL=NAME'],
  ['a bad address', ['key', 'list', '--base-url', 'nope'], '', '--base-url is not a valid address'],
])('%s is a usage error and sends nothing', async (_, args, stdin, message) => {
  const { fake, run } = await configureCli();
  const result = await run(args, {}, stdin);
  expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  expect(result.stderr).toContain('hint: ');
  expect(fake.seen).toEqual([]);
});

test('a rejected key and a missing gateway have their own exit codes', async () => {
  const { run } = await configureCli();
  const refused = await run(['key', 'list', '--json'], { LITELLM_MASTER_KEY: 'sk-wrong-0123456789' });
  expect([refused.code, JSON.parse(refused.stdout).error.code]).toEqual([4, 'key_refused']);
  const remote = await run(['key', 'list'], { LITELLM_BASE_URL: 'http://127.0.0.1:1' });
  expect(remote).toMatchObject({ code: 8, stderr: expect.stringContaining('http://127.0.0.1:1') });
  const none = await run(['key', 'list'], { LITELLM_BASE_URL: '', LITELLM_MASTER_KEY: '' });
  expect(none).toMatchObject({ code: 10, stderr: expect.stringContaining('agents-llm up') });
});

test('reaches a remote LiteLLM through the HTTP proxy and reports when it does not answer', async () => {
  const { fake, run } = await configureCli();
  const { url, asked } = await proxyTo(Number(new URL(fake.url).port));
  const elsewhere = { LITELLM_BASE_URL: 'http://litellm.invalid' };
  expect(await run(['key', 'list'], { ...elsewhere, HTTP_PROXY: url })).toMatchObject({
    code: 0,
    stdout: 'No virtual keys yet\n',
  });
  expect(asked).toEqual(['CONNECT litellm.invalid:80']);
  expect(await run(['key', 'list'], elsewhere)).toMatchObject({
    code: 8,
    stderr: expect.stringMatching(
      /^warning: The master key is sent to litellm\.invalid over plain HTTP.*\nerror: LiteLLM at http:\/\/litellm.invalid cannot be reached \(E[A-Z_]+\)\nhint: Check/,
    ),
  });
});

describe('--write-env', () => {
  const ready = async () => {
    const cli = await configureCli();
    cli.fake.state.models.push({ id: '1', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true });
    return { ...cli, file: join(cli.home, 'app.env') };
  };

  test('creates a new file for its owner only and keeps the bytes and mode of an existing one', async () => {
    const { fake, file, run } = await ready();
    const first = await run(['provision-key', '--write-env', file]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toBe(
      `OPENAI_API_KEY=${first.stdout.trim()}\nOPENAI_BASE_URL=${fake.url}/v1\n`,
    );
    await writeFile(file, Buffer.from('A=\xff\r\nexport OPENAI_API_KEY="old"\r\n', 'latin1'));
    await chmod(file, 0o640);
    await run(['provision-key', '--write-env', file]);
    expect(await readFile(file, 'latin1')).toBe(
      `A=\xff\r\nexport OPENAI_API_KEY=${first.stdout.trim()}\r\nOPENAI_BASE_URL=${fake.url}/v1\r\n`,
    );
    expect((await stat(file)).mode & 0o777).toBe(0o640);
  });

  test('refuses a folder and a link before it creates a key', async () => {
    const { fake, home, file, run } = await ready();
    await mkdir(file);
    expect(await run(['provision-key', '--write-env', file])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is a folder'),
    });
    await symlink(file, join(home, 'link'));
    expect(await run(['provision-key', '--write-env', join(home, 'link')])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('symbolic link'),
    });
    expect(fake.state.keys).toEqual([]);
  });

  test('leaves a read-only file unchanged and saves the key', async () => {
    const { file, run } = await ready();
    await writeFile(file, 'A=1\n', { mode: 0o400 });
    expect(await run(['provision-key', '--write-env', file])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('the key is saved'),
    });
    expect(await readFile(file, 'utf8')).toBe('A=1\n');
    expect((await run(['provision-key'])).stdout).toMatch(KEY);
  });

  test('refuses a file that git tracks without --force', async () => {
    const { home, file, run } = await ready();
    await writeFile(file, 'A=1\n');
    const git = (...args: string[]) => execFileSync('git', ['-C', home, ...args], { stdio: 'ignore' });
    git('init');
    git('add', 'app.env');
    expect(await run(['provision-key', '--write-env', file])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('git rm --cached'),
    });
    expect(await readFile(file, 'utf8')).toBe('A=1\n');
    expect((await run(['provision-key', '--write-env', file, '--force'])).code).toBe(0);
  });
});

test('env prints lines that a shell can evaluate, and run passes them to a command', async () => {
  const { fake, run } = await configureCli();
  fake.state.models.push({ id: '1', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true });
  const { stdout } = await run(['env']);
  const evaluated = execFileSync('sh', ['-c', `${stdout}printf '%s %s' "$OPENAI_API_KEY" "$OPENAI_BASE_URL"`], {
    encoding: 'utf8',
  });
  const key = fake.state.keys[0]?.raw;
  expect(evaluated).toBe(`${key} ${fake.url}/v1`);
  expect((await run(['env', '--shell', 'fish'])).stdout).toContain(`set -gx OPENAI_API_KEY '${key}'\n`);
  expect((await run(['env', '--shell', 'powershell'])).stdout).toContain(`$env:OPENAI_API_KEY = '${key}'\n`);
  const child = await run(['run', '--', 'sh', '-c', 'echo "$OPENAI_API_KEY"; exit 7', '--json']);
  expect(child).toMatchObject({ code: 7, stdout: `${key}\n` });
  expect((await run(['run', 'sh', '-c', 'kill -TERM $$'])).code).toBe(143);
  expect((await run(['run', 'no-such-program'])).code).toBe(127);
});

test('setup does every step and changes nothing when repeated', async () => {
  const { fake, run } = await configureCli();
  const first = await run(['setup', '--max-budget', '5'], { OPENAI_API_KEY: PROVIDER_KEY });
  expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('alias gpt-5 -> openai/gpt-4o: created') });
  expect(first.stdout).toContain(`OPENAI_API_KEY=${fake.state.keys[0]?.raw}\nOPENAI_BASE_URL=${fake.url}/v1\n`);
  expect(first.stdout).toMatch(/\nNext:\n {2}npx agents-llm chat "Say hello"\n$/);
  expect(first.stdout + first.stderr).not.toContain(PROVIDER_KEY);
  const second = await run(['setup', '--max-budget', '5', '--json'], { OPENAI_API_KEY: PROVIDER_KEY });
  expect(JSON.parse(second.stdout).data).toMatchObject({
    provider: { change: 'unchanged' },
    aliases: [{ name: 'gpt-5', change: 'unchanged' }],
    key: { change: 'unchanged' },
    checked: true,
  });
});

test('setup for Anthropic targets the newest model of the price table', async () => {
  const { fake, run } = await configureCli();
  const result = await run(['setup', '--json'], { ANTHROPIC_API_KEY: PROVIDER_KEY });
  expect(JSON.parse(result.stdout).data.aliases).toMatchObject([{ target: 'anthropic/claude-sonnet-5-5' }]);
  expect(fake.state.models).toMatchObject([{ name: 'gpt-5', params: { drop_params: true } }]);
});

test('setup --mock needs no provider key, and a setup with a key can follow', async () => {
  const { fake, run } = await configureCli();
  const first = await run(['setup', '--mock', 'pong', '--json']);
  expect(JSON.parse(first.stdout).data).toMatchObject({
    provider: null,
    aliases: [{ name: 'gpt-5', target: 'openai/gpt-5', change: 'created' }],
    key: { change: 'created' },
    checked: false,
  });
  expect((await run(['setup', '--mock', 'pong'])).stdout).toMatch(/^alias gpt-5 -> openai\/gpt-5: unchanged\n/);
  await run(['setup'], { OPENAI_API_KEY: PROVIDER_KEY });
  expect(fake.state.models).toMatchObject([{ params: { model: 'openai/gpt-4o', drop_params: true } }]);
  expect(fake.state.models[0]?.params).not.toHaveProperty('mock_response');
});

test.each([
  ['a mock that says nothing', ['--mock', ''], {}, 'The mock has no text'],
  ['a mock and a provider', ['--mock', 'a', '--provider', 'openai'], {}, '--mock takes no provider key'],
  ['nothing', [], {}, 'Missing provider'],
  [
    'a provider without a usual model',
    ['--provider', 'groq', '--from-env', 'K'],
    { K: 'k' },
    'Missing target model for groq',
  ],
])('setup with %s is a usage error', async (_, args, env, message) => {
  const { fake, run } = await configureCli();
  expect(await run(['setup', ...args], env)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  expect(fake.seen).toEqual([]);
});

describe.each(['1.108.11', '1.90.2'] as const)('setup against LiteLLM %s', (version) => {
  const withProvider = async (...more: string[]) => {
    const cli = await configureCli(version);
    await cli.run(['provider', 'add', 'openai', '--from-stdin', ...more], {}, PROVIDER_KEY);
    return { ...cli, before: JSON.stringify(cli.fake.state) };
  };
  const errorOf = ({ stdout }: { stdout: string }) => JSON.parse(stdout).error;

  test('keeps the earlier provider key when the provider rejects the new one', async () => {
    const { fake, run, before } = await withProvider();
    const result = await run(['setup', '--json'], { OPENAI_API_KEY: 'sk-bad-0123456789' });
    expect(result.code).toBe(8);
    expect(errorOf(result)).toMatchObject({
      code: 'provider_failed',
      message: expect.stringContaining('Incorrect API key provided.'),
      hint: 'Give another key (nothing was changed)\nOr skip this check: agents-llm setup --no-check',
    });
    expect(JSON.stringify(fake.state)).toBe(before);
  });

  test('asks the stored address when the command names none', async () => {
    const { fake, run, before } = await withProvider('--api-base', 'http://nowhere');
    const result = await run(['setup', '--json'], { OPENAI_API_KEY: 'sk-provider-another' });
    expect(result.code).toBe(8);
    expect(errorOf(result)).toMatchObject({
      code: 'provider_failed',
      message: expect.stringContaining('Connection error.'),
      hint: `See what keeps the gateway from the provider: agents-llm doctor --online
Or skip this check: agents-llm setup --no-check`,
    });
    expect(JSON.stringify(fake.state)).toBe(before);
  });

  test.each([
    ['setup', ['setup', '--no-check', '--from-env', 'OPENAI_API_KEY']],
    ['provider add', ['provider', 'add', 'openai', '--from-env', 'OPENAI_API_KEY']],
  ])('%s refuses a virtual key of this LiteLLM that env has set', async (_, args) => {
    const { fake, run } = await withProvider();
    const OPENAI_API_KEY = fake.addKey({ key_alias: 'agents-service' }).raw;
    const before = JSON.stringify(fake.state);
    const result = await run([...args, '--json'], { OPENAI_API_KEY });
    expect(result.code).toBe(2);
    expect(errorOf(result)).toMatchObject({
      code: 'usage',
      message: 'The key given for openai is a virtual key of this LiteLLM, but a provider key is needed',
      hint: 'Give the provider key with --from-env VARIABLE, --from-stdin or --from-file PATH',
    });
    expect(JSON.stringify(fake.state)).toBe(before);
  });
});

describe('the local stack', () => {
  /** A project whose proxy is the test server. */
  const ownStack = async (project: string, masterKey = MASTER_KEY) => {
    const { fake, home, env } = await configureCli();
    const { LITELLM_BASE_URL: _, LITELLM_MASTER_KEY: __, ...rest } = env;
    const folder = join(home, '.local', 'share', 'agents-llm', project);
    await mkdir(join(folder, 'native'), { recursive: true });
    const child = { pid: process.pid, identity: (await systemProcesses(() => true).identity(process.pid)) ?? '' };
    await writeFile(join(folder, 'native', 'litellm.json'), JSON.stringify(serviceRecord({ child })));
    const state = {
      schemaVersion: 1,
      runtime: 'native',
      project,
      bind: '127.0.0.1',
      port: Number(new URL(fake.url).port),
      image: 'l:1',
      databaseImage: 'p:1',
      engine: { endpoint: 'native', id: 'E' },
      createdAt: '2026-01-01T00:00:00Z',
    };
    await writeFile(join(folder, 'state.json'), JSON.stringify(state));
    const secrets = `LITELLM_MASTER_KEY=${masterKey}\nLITELLM_SALT_KEY=salt\nPOSTGRES_PASSWORD=password\n`;
    await writeFile(join(folder, '.env'), `${secrets}UI_USERNAME=admin\nUI_PASSWORD=admin\n`);
    return { fake, folder, run: (args: readonly string[]) => runBin(['-p', project, ...args], rest) };
  };

  test('creates one alias when two adds run at the same time', async () => {
    const { fake, run } = await ownStack('shop');
    // Long enough for both to find that there is none.
    fake.faults.before = ({ path }) =>
      path === '/v2/model/info' ? new Promise((resolve) => setTimeout(resolve, 300)) : undefined;
    const add = () => run(['alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o']);
    const both = await Promise.all([add(), add()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.map(({ stdout }) => stdout).sort()).toEqual([
      'gpt-5: created (drops parameters that the target does not support)\n',
      'gpt-5: unchanged\n',
    ]);
    expect(fake.state.models).toHaveLength(1);
  });

  test('is distinguished from another stack on its port by the file with its master key', async () => {
    const { folder, run } = await ownStack('shop', 'sk-of-this-stack-0123');
    const refused = await run(['key', 'list']);
    expect(refused).toMatchObject({ code: 4, stdout: '' });
    expect(refused.stderr).toContain(`refused the master key from ${join(folder, '.env')}: Invalid API key provided.`);
    expect(refused.stderr).toContain('hint: Check whether another stack uses that port: agents-llm -p shop up\n');
    expect(refused.stderr).not.toContain('sk-of-this-stack');
  });

  test('is named in the commands of a hint unless it is the default stack', async () => {
    const add = ['alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'none', '--json'];
    const hint = async (project: string) => JSON.parse((await (await ownStack(project)).run(add)).stdout).error.hint;
    expect(await hint('shop')).toBe('Add it: agents-llm -p shop provider add NAME --provider openai');
    expect(await hint('agents-llm')).toBe('Add it: agents-llm provider add NAME --provider openai');
  });
});
