import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/litellm/config/parse-config.ts';
import { configureCli } from '../support/configure-cli.ts';
import { startBin } from '../support/run-bin.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const FILE = `providers:
  openai: {api_key_env: MY_KEY}
aliases:
  gpt-5: {target: openai/gpt-4o, provider: openai}
keys:
  app: {models: [gpt-5], write_env: {file: app/.env}}
`;
const KEY = { MY_KEY: 'sk-provider-0123456789' };

/** A git repository with the file in it, and commands that run somewhere in it. */
async function repository(text?: string) {
  const cli = await configureCli();
  const root = await temporaryFolder();
  execFileSync('git', ['init', '-q', root]);
  await mkdir(join(root, 'app', 'deep'), { recursive: true });
  const path = join(root, 'agents-llm.yaml');
  if (text !== undefined) await writeFile(path, text);
  const start = (args: readonly string[], env = {}, cwd = root) =>
    startBin(args, { ...cli.env, ...KEY, AGENTS_LLM_TRUST: '1', ...env }, '', { cwd });
  return { ...cli, root, path, start, run: (...given: Parameters<typeof start>) => start(...given).result };
}

describe('apply', () => {
  test('finds the file in a parent folder but never the file of an outer project', async () => {
    const { root, run } = await repository(FILE);
    const below = await run(['apply'], {}, join(root, 'app', 'deep'));
    expect(below).toMatchObject({ code: 0, stdout: expect.stringContaining('\n../../agents-llm.yaml: 4 created (') });
    execFileSync('git', ['init', '-q', join(root, 'app')]);
    const inner = await run(['apply'], {}, join(root, 'app', 'deep'));
    expect(inner).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('agents-llm.yaml not found between'),
    });
    expect(inner.stderr.trimEnd().split('\n').at(-1)).toContain('agents-llm init');
    expect((await run(['apply', '--file', '../../agents-llm.yaml'], {}, join(root, 'app', 'deep'))).code).toBe(0);
  });

  test('uses only a file in the working folder when outside a repository', async () => {
    const { run } = await repository();
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'below'));
    await writeFile(join(folder, 'agents-llm.yaml'), FILE);
    expect((await run(['apply', '--dry-run'], {}, folder)).code).toBe(0);
    expect((await run(['apply', '--dry-run'], {}, join(folder, 'below'))).code).toBe(2);
  });

  test('prints the plan as JSON, with an exit code that does not depend on it', async () => {
    const { root, run, fake } = await repository(FILE);
    const dry = await run(['apply', '--dry-run', '--json']);
    expect([dry.code, JSON.parse(dry.stdout).data]).toMatchObject([
      0,
      {
        file: 'agents-llm.yaml',
        change: 'none',
        plan: [
          { action: 'create', kind: 'provider', name: 'openai', changes: ['openai', 'key from MY_KEY'] },
          { action: 'create', kind: 'alias', name: 'gpt-5' },
          { action: 'create', kind: 'key', name: 'app' },
          { action: 'create', kind: 'env', name: 'app/.env' },
        ],
        written: null,
      },
    ]);
    expect(fake.state).toMatchObject({ credentials: {}, models: [], keys: [] });
    const first = await run(['apply', '--json']);
    expect(JSON.parse(first.stdout).data.change).toBe('applied');
    expect((await stat(join(root, 'app', '.env'))).mode & 0o777).toBe(0o600);
    const again = await run(['apply', '--json']);
    expect(JSON.parse(again.stdout).data).toMatchObject({ change: 'unchanged', plan: [] });
    const everything = [dry, first, again].map(({ stdout, stderr }) => stdout + stderr).join('');
    for (const secret of [KEY.MY_KEY, String(fake.state.keys[0]?.raw)]) expect(everything).not.toContain(secret);
  });

  test.each([
    ['a file with an error', 'aliases:\n\tgpt-5: {}\n', [], 2, 'config_invalid', 'agents-llm.yaml:2:1: a tab'],
    [
      'a secret',
      'providers:\n  openai: {api_key: sk-0123456789abcdef01}\n',
      [],
      2,
      'config_invalid',
      'this is a secret',
    ],
    ['a variable that is not set', FILE.replace('MY_KEY', 'NOPE'), [], 2, 'usage', 'NOPE is not set'],
    ['a missing file', undefined, ['--file', 'none.yaml'], 2, 'usage', 'none.yaml cannot be read (ENOENT)'],
    ['a folder', undefined, ['--file', 'app'], 2, 'usage', 'app cannot be read (EISDIR)'],
    ['a file that is there', FILE, ['--from-proxy'], 3, 'confirmation_needed', 'agents-llm.yaml already exists'],
    ['what excludes one another', FILE, ['--from-proxy', '--prune'], 2, 'usage', 'cannot be used with'],
  ])('%s is an error, in text and in JSON', async (_, text, flags, code, error, message) => {
    const { run, fake } = await repository(text);
    const [plain, json] = [await run(['apply', ...flags]), await run(['apply', ...flags, '--json'])];
    expect([plain.code, plain.stdout, json.code]).toEqual([code, '', code]);
    expect(plain.stderr).toContain(message);
    expect(plain.stderr.trimEnd().split('\n').at(-1)).toMatch(/^hint: /);
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      data: null,
      error: { code: error, message: expect.stringContaining(message) },
    });
    expect(plain.stderr + json.stdout).not.toContain('sk-0123456789abcdef01');
    expect(fake.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test('reports the message of a provider that rejects its key and changes nothing', async () => {
    const { run, fake } = await repository(FILE);
    const refused = await run(['apply'], { MY_KEY: 'sk-bad-0123456789' });
    expect(refused).toMatchObject({
      code: 8,
      stdout: '',
      stderr: expect.stringContaining('Incorrect API key provided.'),
    });
    expect(fake.state).toMatchObject({ credentials: {}, models: [], keys: [] });
  });

  test('writes a key to a file that git tracks only with --force', async () => {
    const { root, run, fake } = await repository(FILE);
    await writeFile(join(root, 'app', '.env'), 'A=1\n');
    execFileSync('git', ['-C', root, 'add', 'app/.env']);
    expect(await run(['apply'])).toMatchObject({ code: 3, stderr: expect.stringContaining('git tracks') });
    expect(fake.state.keys).toEqual([]);
    expect((await run(['apply', '--force'])).code).toBe(0);
    expect(await readFile(join(root, 'app', '.env'), 'utf8')).toContain(
      `A=1\nOPENAI_API_KEY=${fake.state.keys[0]?.raw}\n`,
    );
  });

  test('creates everything once when two run at the same time', async () => {
    const { run, fake } = await repository(FILE);
    const both = await Promise.all([run(['apply']), run(['apply'])]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect([Object.keys(fake.state.credentials), fake.state.models.length, fake.state.keys.length]).toEqual([
      ['openai'],
      1,
      1,
    ]);
    expect(await run(['apply'])).toMatchObject({ code: 0, stdout: 'agents-llm.yaml: nothing to change\n' });
  });

  test.each(['/credentials', '/model/new', '/key/generate'])(
    'reports an interruption at %s and continues on the next run',
    async (path) => {
      const { run, start, fake } = await repository(FILE);
      let stop = () => {};
      let slow = Promise.resolve();
      fake.faults.before = async (request) => {
        if (request.method !== 'POST' || request.path !== path) return;
        delete fake.faults.before;
        stop();
        slow = new Promise((done) => setTimeout(done, 200));
        await slow;
      };
      const running = start(['apply']);
      stop = () => running.kill('SIGINT');
      expect(await running.result).toMatchObject({
        code: 130,
        stdout: '',
        stderr: expect.stringContaining('Interrupted'),
      });
      // LiteLLM completes the request even when no client waits for the answer.
      await slow;
      expect((await run(['apply'])).code).toBe(0);
      expect((await run(['apply'])).stdout).toBe('agents-llm.yaml: nothing to change\n');
      expect([fake.state.models.length, fake.state.keys.length]).toEqual([1, 1]);
    },
  );
});

test('--from-proxy writes a file that matches the gateway, without secrets', async () => {
  const { run, fake, path } = await repository();
  await run(
    [
      'provider',
      'add',
      'work',
      '--provider',
      'azure',
      '--from-env',
      'MY_KEY',
      '--api-base',
      'https://x.azure.com',
      '--set',
      'team=a',
      '--set-from-env',
      'client_secret=WORK_CLIENT_SECRET',
    ],
    { WORK_CLIENT_SECRET: 'hidden123' },
  );
  await run(['alias', 'add', 'gpt-5', '--target', 'azure/mine', '--provider', 'work', '--drop-params']);
  await run(['provision-key', '--alias', 'app', '--max-budget', '5', '--duration', '7d']);
  fake.addKey({ key_alias: 'of-ann', created_by: 'ann' });
  const row = { name: 'twice', params: { model: 'openai/gpt-4o' }, live: true };
  fake.state.models.push({ ...row, id: '1' }, { ...row, id: '2' }, { ...row, id: '3', name: 'fixed', fromFile: true });
  const written = await run(['apply', '--from-proxy', '--json']);
  expect(JSON.parse(written.stdout)).toMatchObject({
    data: { file: 'agents-llm.yaml', change: 'written', plan: [], written: { providers: 1, aliases: 2, keys: 1 } },
    warnings: [
      "Left out alias fixed: it is defined in LiteLLM's own configuration file",
      'Left out key of-ann: it was not created on this machine by agents-llm',
    ],
  });
  const text = await readFile(path, 'utf8');
  expect(text.split('\n')[0]).toBe(
    '# yaml-language-server: $schema=./node_modules/agents-llm/templates/agents-llm.schema.json',
  );
  for (const secret of [KEY.MY_KEY, 'hidden123', String(fake.state.keys[0]?.raw)]) expect(text).not.toContain(secret);
  expect(parseConfig(text, { shown: '', folder: '/shop' })).toMatchObject({
    providers: [
      {
        name: 'work',
        provider: 'azure',
        keyVariable: 'WORK_API_KEY',
        values: { api_base: 'https://x.azure.com', team: 'a' },
        secretVariables: { client_secret: 'WORK_CLIENT_SECRET' },
      },
    ],
    aliases: [
      { name: 'gpt-5', target: 'azure/mine', provider: 'work', params: { drop_params: true } },
      { name: 'twice', target: 'openai/gpt-4o', others: [{ target: 'openai/gpt-4o' }] },
    ],
    keys: [{ alias: 'app', models: ['gpt-5'], duration: '7d', maxBudget: 5 }],
  });
  const secrets = { WORK_API_KEY: KEY.MY_KEY, WORK_CLIENT_SECRET: 'hidden123' };
  expect(await run(['apply', '--dry-run'], secrets)).toMatchObject({
    code: 0,
    stdout: 'agents-llm.yaml: nothing to change\n',
  });
  const again = await run(['apply', '--from-proxy', '--force']);
  expect(again).toMatchObject({ code: 0, stdout: 'agents-llm.yaml: written (providers: 1, aliases: 2, keys: 1)\n' });
  expect(await readFile(path, 'utf8')).toBe(text);
});

describe('init', () => {
  test('writes an example that can be applied and adds to .gitignore once', async () => {
    const { root, run, path, fake } = await repository();
    const first = await run(['init', '--json']);
    expect([first.code, JSON.parse(first.stdout).data]).toMatchObject([
      0,
      {
        file: 'agents-llm.yaml',
        change: 'created',
        ignored: ['/.env'],
        nextSteps: ['export OPENAI_API_KEY=…', 'npx agents-llm up'],
      },
    ]);
    expect(await readFile(join(root, '.gitignore'), 'utf8')).toBe('/.env\n');
    const text = await readFile(path, 'utf8');
    expect(await run(['init'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^agents-llm.yaml: unchanged\n/),
    });
    expect(await readFile(path, 'utf8')).toBe(text);
    expect(await readFile(join(root, '.gitignore'), 'utf8')).toBe('/.env\n');
    expect((await run(['apply'], { OPENAI_API_KEY: KEY.MY_KEY })).code).toBe(0);
    expect(Object.keys(fake.state.credentials)).toEqual(['openai']);
    expect(
      execFileSync('git', ['-C', root, 'status', '--porcelain', '--untracked-files=all'], { encoding: 'utf8' }),
    ).not.toContain('.env');
  });

  test.each([
    ['A=1', 'A=1\n/.env\n'],
    ['A=1\r\n', 'A=1\r\n/.env\r\n'],
    ['node_modules/\n.env\n', 'node_modules/\n.env\n'],
    ['.env*\n', '.env*\n'],
  ])('leaves every byte of a .gitignore that is %j', async (before, after) => {
    const { root, run } = await repository();
    await writeFile(join(root, '.gitignore'), before);
    await run(['init']);
    expect(await readFile(join(root, '.gitignore'), 'utf8')).toBe(after);
  });

  test('names the schema file of the installed package', async () => {
    const { root, run, path } = await repository();
    await mkdir(join(root, 'node_modules'));
    await symlink(fileURLToPath(new URL('../..', import.meta.url)), join(root, 'node_modules', 'agents-llm'));
    expect((await run(['init'])).stdout).not.toContain('npm install');
    const [, schema = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(await readFile(path, 'utf8')) ?? [];
    expect(JSON.parse(await readFile(resolve(root, schema), 'utf8'))).toMatchObject({ title: 'agents-llm.yaml' });
    await run(['init', '--file', 'app/agents-llm.yaml']);
    expect(await readFile(join(root, 'app', 'agents-llm.yaml'), 'utf8')).toMatch(
      /\$schema=\.\.\/node_modules\/agents-llm/,
    );
  });

  test('says what to install when nothing is installed and fails where it cannot write', async () => {
    const { run, root } = await repository();
    expect((await run(['init'])).stdout).toContain('npm install --save-dev agents-llm');
    const failed = await run(['init', '--file', 'none/agents-llm.yaml', '--json']);
    expect([failed.code, JSON.parse(failed.stdout).error.code]).toEqual([1, 'state_unwritable']);
    expect(existsSync(join(root, 'none'))).toBe(false);
  });
});

test('up --dry-run starts from the file, flags and variables win, and --no-apply ignores it', async () => {
  const { run } = await repository('port: 4123\nbind: 127.0.0.2\n');
  const plan = async (args: readonly string[], env = {}) =>
    JSON.parse((await run(['up', '--dry-run', '--runtime', 'docker', '--json', ...args], env)).stdout).data;
  expect(await plan([])).toMatchObject({
    url: 'http://127.0.0.2:4123',
    plan: expect.arrayContaining(['Apply agents-llm.yaml']),
  });
  expect((await plan(['--port', '4124'])).url).toBe('http://127.0.0.2:4124');
  expect((await plan([], { AGENTS_LLM_PORT: '4125' })).url).toBe('http://127.0.0.2:4125');
  const without = await plan(['--no-apply']);
  expect(without.url).toBe('http://127.0.0.1:4000');
  expect(without.plan).not.toContain('Apply agents-llm.yaml');
  const broken = await repository('port: none\n');
  expect(await broken.run(['up'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('agents-llm.yaml:1:7: port must be'),
  });
});
