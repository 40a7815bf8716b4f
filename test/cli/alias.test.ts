import { describe, expect, test } from 'vitest';
import { configureCli } from '../support/configure-cli.ts';

const add = (...more: string[]) => ['alias', 'add', 'gpt-5', ...more];
const row = (id: string, model: string) => ({ id, name: 'gpt-5', params: { model }, live: true });

describe('alias add', () => {
  test.each<[string, string[], Record<string, unknown>]>([
    ['as LiteLLM names the model', ['--target', 'openai/gpt-4o'], { model: 'openai/gpt-4o' }],
    ['without a prefix', ['--target', 'gpt-4o'], { model: 'gpt-4o' }],
    [
      'with further parameters, JSON or text',
      ['--target', 'ollama/llama3', '--drop-params', '--set', 'temperature=0.2', '--set', 'api_base=http://h:1'],
      { model: 'ollama/llama3', drop_params: true, temperature: 0.2, api_base: 'http://h:1' },
    ],
  ])('%s', async (_, args, params) => {
    const { fake, run } = await configureCli();
    const said = 'gpt-5: created (drops parameters that the target does not support)\n';
    expect(await run(add(...args))).toMatchObject({ code: 0, stdout: said, stderr: '' });
    expect(fake.state.models).toMatchObject([{ name: 'gpt-5', params }]);
    expect((await run(add(...args))).stdout).toBe('gpt-5: unchanged\n');
    expect(fake.state.models).toHaveLength(1);
  });

  test.each([
    ['an unknown provider prefix', add('--target', 'nope/x'), 8, 'request_rejected', /so nothing was saved/],
    ['an unknown provider', add('--target', 'openai/x', '--provider', 'nope'), 8, 'provider_unknown', /"nope"/],
    ['both ways at once', add('--target', 'openai/x', '--force', '--append'), 2, 'usage', /cannot be used together/],
    ['an empty target', add('--target', ''), 2, 'usage', /needs a name and a target/],
    ['an empty name', ['alias', 'add', ' ', '--target', 'openai/x'], 2, 'usage', /needs a name and a target/],
    [
      'itself as fallback',
      add('--target', 'openai/x', '--fallback', 'a,gpt-5'),
      2,
      'usage',
      /cannot be its own fallback/,
    ],
    ['an empty fallback', add('--target', 'openai/x', '--fallback', 'a,'), 2, 'usage', /separated by commas/],
    ['a mode that LiteLLM does not know', add('--target', 'openai/x', '--mode', 'chats'), 2, 'usage', /choices/],
    ['a price that is none', add('--target', 'openai/x', '--input-price', '-1'), 2, 'usage', /Dollars are a number/],
    ['a mock that says nothing', add('--mock', ''), 2, 'usage', /needs a name and a target/],
    ['a secret', add('--target', 'openai/x', '--set', 'client_secret=a'), 2, 'usage', /client_secret is a secret/],
    ['a value without a name', add('--target', 'openai/x', '--set', 'x'), 2, 'usage', /NAME=VALUE/],
  ])('%s leaves nothing behind and reports it in text and in JSON', async (_, args, code, error, message) => {
    const { fake, run } = await configureCli();
    const text = await run(args);
    expect([text.code, text.stdout]).toEqual([code, '']);
    expect(text.stderr).toMatch(message);
    expect(text.stderr.trimEnd().split('\n').at(-1)).toMatch(/^hint: /);
    const json = await run([...args, '--json']);
    expect([json.code, JSON.parse(json.stdout).error.code]).toEqual([code, error]);
    expect(fake.state.models).toEqual([]);
  });

  test('shows several rows for an alias and creates another on demand', async () => {
    const { fake, run } = await configureCli();
    fake.state.models.push(row('1', 'openai/a'), row('2', 'openai/b'));
    const shown = await run(add('--target', 'openai/gpt-4o', '--json'));
    expect(shown.code).toBe(3);
    expect(JSON.parse(shown.stdout).error).toMatchObject({
      code: 'alias_ambiguous',
      details: {
        rows: [
          { id: '1', target: 'openai/a' },
          { id: '2', target: 'openai/b' },
        ],
      },
    });
    expect((await run(add('--target', 'openai/c', '--append'))).stdout).toMatch(/^gpt-5: created/);
    expect(fake.state.models).toHaveLength(3);
    expect((await run(add('--target', 'openai/gpt-4o', '--force'))).stdout).toMatch(/^gpt-5: updated/);
    expect(fake.state.models).toMatchObject([{ id: '1', params: { model: 'openai/gpt-4o' } }]);
  });
});

test('list shows the target, provider key and status of each alias', async () => {
  const { fake, run } = await configureCli();
  expect((await run(['alias', 'list'])).stdout).toBe('No aliases yet\n');
  fake.state.models.push(row('1', 'openai/gpt-4o'));
  const { aliases } = JSON.parse((await run(['alias', 'list', '--json'])).stdout).data;
  expect(aliases).toEqual([
    {
      ...{ name: 'gpt-5', target: 'openai/gpt-4o', provider: null, pattern: false, live: true },
      ...{ mock: null, dropParams: false, fallbacks: [], weight: null, mode: null, baseModel: null },
      ...{ inputPrice: 2.5, outputPrice: 10 },
    },
  ]);
});

test('sets and reports drop_params where the names differ and leaves existing rows unchanged', async () => {
  const { fake, run } = await configureCli();
  const target = ['--target', 'openai/gpt-4o'];
  const drops = async (...more: string[]) => JSON.parse((await run(add(...target, ...more, '--json'))).stdout).data;
  expect(await drops()).toEqual({ name: 'gpt-5', change: 'created', dropParams: true });
  expect(await drops()).toEqual({ name: 'gpt-5', change: 'unchanged', dropParams: true });
  expect(await drops('--no-drop-params')).toEqual({ name: 'gpt-5', change: 'updated', dropParams: false });
  expect(await drops()).toEqual({ name: 'gpt-5', change: 'unchanged', dropParams: false });
  fake.state.models = [row('1', 'openai/gpt-4o')];
  expect(await run(add(...target))).toMatchObject({ stdout: 'gpt-5: unchanged\n', stderr: '' });
  expect(fake.state.models).toMatchObject([{ id: '1', params: { model: 'openai/gpt-4o' } }]);
  expect(await run(['alias', 'add', 'gpt-4o', ...target])).toMatchObject({ stdout: 'gpt-4o: created\n' });
});

test('adds a mock without target or provider, lists it as mock and replaces it with a model', async () => {
  const { fake, run } = await configureCli();
  expect(await run(add('--mock', 'pong'))).toMatchObject({ code: 0, stdout: 'gpt-5: created\n', stderr: '' });
  expect(fake.state.models).toMatchObject([{ params: { model: 'openai/gpt-5', mock_response: 'pong' } }]);
  expect((await run(add('--mock', 'pong'))).stdout).toBe('gpt-5: unchanged\n');
  expect((await run(['alias', 'list'])).stdout).toMatch(/^gpt-5 +openai\/gpt-5 +- +mock +/m);
  expect((await run(add('--target', 'openai/gpt-5'))).stdout).toBe('gpt-5: updated\n');
  expect(fake.state.models).toMatchObject([{ params: { model: 'openai/gpt-5' } }]);
  expect(fake.state.models[0]?.params).not.toHaveProperty('mock_response');
});

test('stores prices per million tokens, mode and base model where LiteLLM reads them', async () => {
  const { fake, run } = await configureCli();
  const more = ['--mode', 'embedding', '--base-model', 'azure/x', '--input-price', '0.15', '--output-price', '0.6'];
  const args = ['alias', 'add', 'x', '--target', 'azure/x', ...more];
  expect((await run(args)).stdout).toBe('x: created\n');
  expect(fake.state.models).toMatchObject([
    {
      params: { model: 'azure/x', input_cost_per_token: 1.5e-7, output_cost_per_token: 6e-7 },
      info: { mode: 'embedding', base_model: 'azure/x' },
    },
  ]);
  expect((await run(args)).stdout).toBe('x: unchanged\n');
  expect((await run([...args.slice(0, -1), '1.2'])).stdout).toBe('x: updated\n');
  const { aliases } = JSON.parse((await run(['alias', 'list', '--json'])).stdout).data;
  expect(aliases).toMatchObject([{ mode: 'embedding', baseModel: 'azure/x', inputPrice: 0.15, outputPrice: 1.2 }]);
});

test('sets and lists fallbacks, keeps them on a later add and removes them with their alias', async () => {
  const { fake, run } = await configureCli();
  fake.state.models.push({ ...row('2', 'openai/b'), name: 'fast' });
  const plain = add('--target', 'openai/gpt-5');
  const missing = await run([...plain, '--fallback', 'slow', '--json']);
  expect([missing.code, JSON.parse(missing.stdout).error.code]).toEqual([8, 'models_missing']);
  expect((await run([...plain, '--fallback', 'fast'])).stdout).toBe('gpt-5: updated\n');
  expect((await run([...plain, '--fallback', 'fast'])).stdout).toBe('gpt-5: unchanged\n');
  expect((await run(plain)).stdout).toBe('gpt-5: unchanged\n');
  expect(fake.state.fallbacks).toEqual([{ 'gpt-5': ['fast'] }]);
  expect((await run(['alias', 'list'])).stdout).toMatch(/FALLBACKS\n.*-\n.* fast\n$/);
  expect((await run(['alias', 'remove', 'fast'])).stderr).toBe('warning: "fast" is still a fallback of gpt-5\n');
  expect((await run([...plain, '--no-fallback'])).stdout).toBe('gpt-5: updated\n');
  fake.state.fallbacks = [{ 'gpt-5': ['fast'] }];
  expect(await run(['alias', 'remove', 'gpt-5'])).toMatchObject({ stdout: 'gpt-5: removed\n', stderr: '' });
  expect(fake.state.fallbacks).toEqual([]);
});

test('lists a pattern as one line, removes it by its own name and leaves its examples', async () => {
  const { fake, run } = await configureCli();
  expect(await run(['alias', 'add', 'openai/*', '--target', 'openai/*'])).toMatchObject({
    code: 0,
    stdout: 'openai/*: created\n',
    stderr: '',
  });
  expect((await run(['alias', 'list'])).stdout.split('\n').slice(1)).toEqual([
    'openai/*  openai/*  -         pattern  $2.5 / $10',
    '',
  ]);
  const { aliases } = JSON.parse((await run(['alias', 'list', '--json'])).stdout).data;
  expect(aliases).toMatchObject([{ name: 'openai/*', pattern: true, live: true }]);
  expect(await run(['alias', 'remove', 'openai/gpt-4o'])).toEqual({
    code: 0,
    stdout: 'openai/gpt-4o: unchanged\n',
    stderr: `warning: "openai/gpt-4o" has no row of its own: it comes from the pattern "openai/*". To remove the pattern: agents-llm alias remove 'openai/*'\n`,
  });
  expect((await run(['alias', 'add', 'openai/gpt-4o', '--target', 'openai/o3', '--no-drop-params'])).stdout).toBe(
    'openai/gpt-4o: created\n',
  );
  expect(await run(['alias', 'remove', 'openai/gpt-4o'])).toEqual({
    code: 0,
    stdout: 'openai/gpt-4o: removed\n',
    stderr: 'warning: The pattern "openai/*" still answers to "openai/gpt-4o"\n',
  });
  expect((await run(['alias', 'remove', 'openai/*'])).stdout).toBe('openai/*: removed\n');
  expect(fake.state.models).toEqual([]);
});

test('remove needs --force for several rows and succeeds when there is none', async () => {
  const { fake, run } = await configureCli();
  fake.state.models.push(row('1', 'openai/a'), row('2', 'openai/b'));
  const refused = await run(['alias', 'remove', 'gpt-5']);
  expect(refused).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringContaining('Remove all of them with --force'),
  });
  expect((await run(['alias', 'remove', 'gpt-5', '--force'])).stdout).toBe('gpt-5: removed\n');
  expect((await run(['alias', 'remove', 'gpt-5'])).stdout).toBe('gpt-5: unchanged\n');
  expect(fake.state.models).toEqual([]);
});
