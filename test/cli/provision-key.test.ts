import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configureCli } from '../support/configure-cli.ts';

async function ready() {
  const cli = await configureCli();
  cli.fake.state.models.push({ id: '1', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true });
  return cli;
}

test('two runs at the same time return one key', async () => {
  const { fake, run } = await ready();
  const both = await Promise.all([run(['provision-key']), run(['provision-key'])]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(new Set(both.map(({ stdout }) => stdout.trim()))).toEqual(new Set([fake.state.keys[0]?.raw]));
  expect(fake.state.keys).toHaveLength(1);
});

describe('the output of provision-key', () => {
  test('is only the key, whatever the warnings', async () => {
    const { fake, run } = await ready();
    const made = await run(['provision-key', '--models', 'gpt-5,nope', '--allow-missing-models']);
    expect(made).toMatchObject({ code: 0, stderr: 'warning: LiteLLM has no model nope yet\n' });
    expect(made.stdout).toBe(`${fake.state.keys[0]?.raw}\n`);
  });

  test.each([[['--json']], [['-o', 'json']]])('is one envelope with %j', async (args) => {
    const { fake, run } = await ready();
    const { data, ...envelope } = JSON.parse((await run(['provision-key', '--max-budget', '5', ...args])).stdout);
    const key = fake.state.keys[0]?.raw;
    expect(envelope).toEqual({ schemaVersion: 1, command: 'provision-key', ok: true, error: null, warnings: [] });
    expect(data).toEqual({
      alias: 'agents-service',
      key,
      change: 'created',
      expires: expect.stringMatching(/^\d{4}-/),
      models: ['gpt-5'],
      baseUrl: `${fake.url}/v1`,
      variables: { OPENAI_API_KEY: key, OPENAI_BASE_URL: `${fake.url}/v1` },
      envFile: null,
    });
  });

  test('uses the requested variable names', async () => {
    const { fake, run } = await ready();
    const names = ['--name', 'OPENAI_API_KEY=MY_KEY', '--name', 'OPENAI_BASE_URL=MY_URL'];
    const { stdout } = await run(['provision-key', '-o', 'env', ...names]);
    expect(stdout).toBe(`MY_KEY=${fake.state.keys[0]?.raw}\nMY_URL=${fake.url}/v1\n`);
  });

  test.each([
    ['env', 'OPENAI_API_KEY='],
    ['text', 'sk-'],
  ])('is %s with -o, whatever the variable says', async (format, beginning) => {
    const { run } = await ready();
    for (const flags of [[], ['--json']]) {
      const { stdout } = await run([...flags, 'provision-key', '-o', format], { AGENTS_LLM_OUTPUT: 'json' });
      expect(stdout.slice(0, beginning.length)).toBe(beginning);
    }
  });

  test('masks the key in a GitHub workflow', async () => {
    const { fake, run } = await ready();
    const { stderr } = await run(['provision-key'], { GITHUB_ACTIONS: 'true' });
    expect(stderr).toBe(`::add-mask::${fake.state.keys[0]?.raw}\n`);
  });
});

test('the rotation in an error message keeps models and limits', async () => {
  const { fake, run } = await configureCli();
  fake.state.models.push({ id: '1', name: 'fast', params: { model: 'openai/gpt-4o-mini' }, live: true });
  await run(['provision-key', '--alias', 'reports', '--models', 'fast', '--max-budget', '5']);
  Object.assign(fake.state.keys[0] ?? {}, { blocked: true });
  const refused = JSON.parse((await run(['provision-key', '--alias', 'reports', '--json'])).stdout).error;
  expect(refused).toMatchObject({ code: 'key_blocked', hint: expect.stringContaining('--rotate') });
  const [, command = ''] = refused.hint.split('agents-llm ');
  expect(await run(command.split(' '))).toMatchObject({ code: 0, stderr: '' });
  expect(fake.state.keys).toMatchObject([{ key_alias: 'reports', models: ['fast'], max_budget: 5 }]);
  expect(fake.state.keys[0]?.blocked).toBeUndefined();
});

test('sends limits and metadata as given by flags and variables', async () => {
  const { fake, run } = await ready();
  fake.state.teams.push('core');
  const env = { LITELLM_KEY_ALIAS: 'service', LITELLM_TPM_LIMIT: '1000', LITELLM_TEAM_ID: 'core' };
  const args = ['--max-budget', '0.5', '--rpm-limit', '60', '--metadata', 'purpose=demo', '--metadata', 'n=3'];
  expect((await run(['provision-key', ...args], env)).code).toBe(0);
  expect(fake.state.keys).toMatchObject([
    {
      key_alias: 'service',
      models: ['gpt-5'],
      max_budget: 0.5,
      rpm_limit: 60,
      tpm_limit: 1000,
      team_id: 'core',
      metadata: { managed_by: 'agents-llm', purpose: 'demo', n: 3 },
    },
  ]);
});

test.each<[string, string[], number, string]>([
  ['models that are not there', ['--models', 'nope'], 8, 'models_missing'],
  ['a team that is not there', ['--team-id', 'nope'], 8, 'team_unknown'],
  ['a format that is none', ['-o', 'yaml'], 2, 'usage'],
  ['a lifetime that is none', ['--duration', '1year'], 2, 'usage'],
])('%s: creates no key and reports it in text and in JSON', async (_, args, code, error) => {
  const { fake, run } = await ready();
  const text = await run(['provision-key', ...args]);
  expect([text.code, text.stdout]).toEqual([code, '']);
  expect(text.stderr).toMatch(/^error: .*\n(.*\n)*hint: /);
  const json = await run(['provision-key', '--json', ...args]);
  expect([json.code, JSON.parse(json.stdout).error.code]).toEqual([code, error]);
  expect(fake.state.keys).toEqual([]);
});

describe('a dotenv file', () => {
  test('keeps every byte but the two values, with quotes, duplicates and exports', async () => {
    const { fake, home, run } = await ready();
    const file = join(home, 'app.env');
    const before = `# first\nOPENAI_API_KEY=one\n\nexport OPENAI_API_KEY="two # no comment" # why\nA='OPENAI_BASE_URL=x'\nOPENAI_BASE_URL= \`old\`\n`;
    await writeFile(file, before);
    const { stdout } = await run(['provision-key', '--write-env', file]);
    const after = before.replace('"two # no comment"', stdout.trim()).replace('`old`', `${fake.url}/v1`);
    expect(await readFile(file, 'utf8')).toBe(after);
    const { mtimeMs } = await stat(file);
    await run(['provision-key', '--write-env', file]);
    expect((await stat(file)).mtimeMs).toBe(mtimeMs);
  });

  test('can be named with Node’s own flag once it exists', async () => {
    const { home, run } = await ready();
    const file = join(home, 'app.env');
    await writeFile(file, '');
    const { stdout } = await run(['provision-key', '--env-file', file]);
    expect(await readFile(file, 'utf8')).toContain(`OPENAI_API_KEY=${stdout}`);
  });

  test('in a missing folder: saves the key and returns it again', async () => {
    const { fake, home, run } = await ready();
    const failed = await run(['provision-key', '--write-env', join(home, 'nowhere', 'app.env'), '--json']);
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.stdout).error).toMatchObject({
      code: 'state_unwritable',
      message: expect.stringContaining('(ENOENT)'),
      hint: 'Run the command again when the file can be written (the key is saved)',
    });
    expect((await run(['provision-key'])).stdout.trim()).toBe(fake.state.keys[0]?.raw);
  });
});

test('run reports what it cannot run, as a shell does', async () => {
  const { home, run } = await ready();
  const file = join(home, 'text');
  await writeFile(file, 'no program');
  await chmod(file, 0o644);
  expect(await run(['run', '--', file])).toMatchObject({ code: 126, stderr: `agents-llm: ${file}: cannot be run\n` });
  expect((await run(['run'])).code).toBe(2);
  expect((await run(['run', '--models', 'nope', '--', 'true'])).code).toBe(8);
});

test('lists keys with their limits and cost and revokes them together', async () => {
  const { fake, run } = await ready();
  expect((await run(['key', 'list'])).stdout).toBe('No virtual keys yet\n');
  fake.addKey({ key_alias: 'a', key_name: 'sk-...aaaa', models: [], spend: 1.5, expires: '2020-01-01T00:00:00Z' });
  fake.addKey({
    key_alias: 'b/c d',
    key_name: 'sk-...bbbb',
    models: ['gpt-5'],
    max_budget: 5,
    blocked: true,
    user_id: 'ann',
  });
  const lines = (await run(['key', 'list'])).stdout.split('\n');
  expect(lines[1]).toMatch(/^a +sk-\.\.\.aaaa +all +\$1\.5000 +2020-01-01 +expired +-$/);
  expect(lines[2]).toMatch(/^b\/c d +sk-\.\.\.bbbb +gpt-5 +\$0\.0000 of \$5 +never +blocked +ann$/);
  const revoked = await run(['key', 'revoke', 'a', 'b/c d', 'nope', 'a']);
  expect(revoked).toMatchObject({
    code: 0,
    stdout: 'a: removed\nb/c d: removed\nnope: unchanged\n',
    stderr: 'warning: Virtual key "nope" not found\n',
  });
  expect(fake.state.keys).toEqual([]);
});
