import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configureCli } from '../support/configure-cli.ts';

const KEY = 'sk-provider-0123456789';
const add = (...more: string[]) => ['provider', 'add', 'work', ...more];
const openai = add('--provider', 'openai', '--from-stdin');

describe('provider add', () => {
  test.each<[string, string[], string, Record<string, string>]>([
    ['from stdin, its line end left out', openai, `${KEY}\r\n`, { api_key: KEY }],
    ['with an address', [...openai, '--api-base', 'http://x/v1'], KEY, { api_key: KEY, api_base: 'http://x/v1' }],
    [
      'with what Azure needs',
      [...add('--provider', 'azure', '--from-stdin'), '--api-base', 'http://a', '--api-version', '2024-06-01'],
      KEY,
      { api_key: KEY, api_base: 'http://a', api_version: '2024-06-01' },
    ],
    [
      'with whatever else a provider needs',
      [...openai, '--set', 'organization=acme', '--set', 'region=eu west'],
      KEY,
      { api_key: KEY, organization: 'acme', region: 'eu west' },
    ],
    [
      'without a key, where none is needed',
      add('--provider', 'ollama', '--api-base', 'http://h'),
      '',
      { api_base: 'http://h' },
    ],
  ])('%s', async (_, args, stdin, values) => {
    const { fake, run } = await configureCli();
    expect(await run(args, {}, stdin)).toMatchObject({ code: 0, stdout: 'work: created\n', stderr: '' });
    expect(fake.state.credentials.work?.credential_values).toEqual(values);
    expect(fake.state.credentials.work?.credential_info).toMatchObject({ custom_llm_provider: args[4] });
  });

  test('reads secret settings from variables and shows none of them', async () => {
    const { fake, run } = await configureCli();
    const set = ['--set-from-env', 'aws_secret_access_key=MY_SECRET', '--set', 'aws_region_name=eu-west-1'];
    const args = [...add('--provider', 'bedrock'), ...set];
    const added = await run(args, { MY_SECRET: 'wJalrXUtnFEMI/K7' });
    expect(added).toMatchObject({ code: 0, stdout: 'work: created\n', stderr: '' });
    expect(fake.state.credentials.work?.credential_values).toEqual({
      aws_secret_access_key: 'wJalrXUtnFEMI/K7',
      aws_region_name: 'eu-west-1',
    });
    expect(await run(args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        'error: Environment variable MY_SECRET is not set\nhint: Set it, or name another variable with --set-from-env aws_secret_access_key=VARIABLE\n',
    });
  });

  test.each([
    ['aws_secret_access_key=abc', '--set-from-env aws_secret_access_key=VARIABLE'],
    ['client_secret=abc', '--set-from-env client_secret=VARIABLE'],
    ['azure_ad_token=abc', '--set-from-env azure_ad_token=VARIABLE'],
    ['azure_password=abc', '--set-from-env azure_password=VARIABLE'],
    ['api_key=abc', '--from-env VARIABLE'],
  ])('--set %s fails with a hint in text and in JSON', async (value, flag) => {
    const { fake, run } = await configureCli();
    const args = [...openai, '--set', value];
    const name = value.split('=')[0];
    const text = await run(args, {}, KEY);
    const message = `--set ${name} is a secret, but other users can read a command line`;
    const hint = `Name a variable that holds it: agents-llm provider add work ${flag}`;
    expect(text).toMatchObject({ code: 2, stdout: '', stderr: `error: ${message}\nhint: ${hint}\n` });
    const json = await run([...args, '--json'], {}, KEY);
    expect(JSON.parse(json.stdout).error).toMatchObject({ code: 'usage', message, hint });
    expect(fake.seen).toEqual([]);
  });

  test('reads the key from a file and the provider from the name', async () => {
    const { fake, home, run } = await configureCli();
    const file = join(home, 'key');
    await writeFile(file, `${KEY}\n`);
    expect((await run(['provider', 'add', 'anthropic', '--from-file', file])).stdout).toBe('anthropic: created\n');
    expect(fake.state.credentials.anthropic).toMatchObject({
      credential_info: { custom_llm_provider: 'anthropic' },
      credential_values: { api_key: KEY },
    });
  });

  test.each([
    ['openai', 'OPENAI_KEY', 'hint: Use the usual variable with --from-env OPENAI_API_KEY'],
    ['anthropic', 'OPENAI_API_KEY', 'hint: Use the usual variable with --from-env ANTHROPIC_API_KEY'],
    ['openai', 'OPENAI_API_KEY', 'hint: Set it, or give the key with --from-stdin'],
  ])('names the usual variable of %s when %s is not set', async (provider, variable, hint) => {
    const { run } = await configureCli();
    const result = await run(['provider', 'add', provider, '--from-env', variable]);
    expect(result).toMatchObject({ code: 2, stderr: `error: Environment variable ${variable} is not set\n${hint}\n` });
    const empty = await run(['provider', 'add', provider, '--from-env', variable], { [variable]: '' });
    expect(empty.stderr).toContain(`Environment variable ${variable} is empty`);
  });

  test('reports unchanged, updated and created', async () => {
    const { fake, run } = await configureCli();
    const steps = [KEY, KEY, 'sk-provider-another', KEY].map((stdin) => () => run(openai, {}, stdin));
    const said: string[] = [];
    for (const step of steps) said.push((await step()).stdout);
    expect(said).toEqual(['work: created\n', 'work: unchanged\n', 'work: updated\n', 'work: updated\n']);
    expect(fake.seen.filter(({ method }) => method !== 'GET')).toHaveLength(3);
  });
});

describe('other provider commands', () => {
  const withProvider = async () => {
    const cli = await configureCli();
    await cli.run(openai, {}, KEY);
    await cli.run(['alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'work']);
    return cli;
  };

  test('list shows the aliases of each provider and a masked key', async () => {
    const { run } = await withProvider();
    const listed = await run(['provider', 'list', '--json']);
    expect(JSON.parse(listed.stdout).data).toEqual({
      providers: [{ name: 'work', provider: 'openai', values: { api_key: 'sk****89' }, aliases: ['gpt-5'] }],
    });
    expect((await run(['provider', 'list'])).stdout).toBe(
      'NAME  PROVIDER  VALUES            ALIASES\nwork  openai    api_key=sk****89  gpt-5\n',
    );
  });

  test('remove fails while an alias uses the provider, in text and in JSON', async () => {
    const { fake, run } = await withProvider();
    expect(await run(['provider', 'remove', 'work'])).toMatchObject({
      code: 3,
      stdout: '',
      stderr: `error: Provider "work" is in use by gpt-5
hint: Remove these aliases first: agents-llm alias remove gpt-5
hint: Or leave them without a key with --force
`,
    });
    const refused = await run(['provider', 'remove', 'work', '--json']);
    expect(refused.code).toBe(3);
    expect(JSON.parse(refused.stdout).error).toMatchObject({
      code: 'provider_in_use',
      details: { name: 'work', aliases: ['gpt-5'] },
    });
    expect((await run(['provider', 'remove', 'work', '--force'])).stdout).toBe('work: removed\n');
    expect((await run(['provider', 'remove', 'work'])).stdout).toBe('work: unchanged\n');
    expect(fake.state.credentials).toEqual({});
  });

  test('test makes one real call', async () => {
    const { run } = await withProvider();
    expect(await run(['provider', 'test', 'work', '--model', 'gpt-4o'])).toMatchObject({
      code: 0,
      stdout: 'work: answered as openai/gpt-4o\n',
    });
    await run(openai, {}, 'sk-bad-0123456789');
    const refused = await run(['provider', 'test', 'work', '--model', 'gpt-4o', '--json']);
    expect(refused.code).toBe(8);
    expect(JSON.parse(refused.stdout).error).toMatchObject({
      code: 'provider_failed',
      hint: 'Replace the key: agents-llm provider add work --provider openai --from-stdin',
    });
    expect(refused.stdout).not.toContain('sk-bad');
    expect((await run(['provider', 'test', 'nope', '--model', 'x', '--json'])).code).toBe(8);
    expect((await run(['provider', 'test', 'work'])).code).toBe(2);
  });
});
