import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { systemFiles } from '../../../../src/io/files/files.ts';
import { loadConfig } from '../../../../src/litellm/config/load-config.ts';
import { loadLitellmFile } from '../../../../src/litellm/gateway-config/load-litellm-config.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import { caught } from '../../../support/caught.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

let home: string;
beforeEach(async () => {
  home = await temporaryFolder();
});

const put = async (name: string, text: string) => {
  await mkdir(join(home, name, '..'), { recursive: true });
  await writeFile(join(home, name), text);
};
const load = async (text: string) => {
  await put('litellm.yaml', text);
  return loadLitellmFile({ files: systemFiles }, join(home, 'litellm.yaml'), 'litellm.yaml');
};
const textOf = (files: Readonly<Record<string, string>>, name = 'litellm.yaml') =>
  Buffer.from(files[name] ?? '', 'base64').toString();
const refused = async (text: string) => {
  const error = await caught(() => load(text));
  expect(error).toMatchObject({ code: 'config_invalid', exitCode: EXIT.usage });
  return error;
};

describe('the configuration for LiteLLM', () => {
  test('has its anchors expanded, and numbers and words that YAML 1.1 reads the same', async () => {
    const { files, models, variables } = await load(
      [
        'model_list:',
        '  - model_name: a',
        '    litellm_params: &own {model: openai/a, api_key: os.environ/OPENAI_API_KEY, input_cost_per_token: 1.0e-7}',
        '  - {model_name: b, litellm_params: {<<: *own, temperature: 0.5}}',
        'litellm_settings: {drop_params: yes, note: "yes"}',
      ].join('\n'),
    );
    expect(textOf(files)).toBe(`model_list:
  - model_name: a
    litellm_params:
      model: openai/a
      api_key: os.environ/OPENAI_API_KEY
      input_cost_per_token: 1.0e-7
  - model_name: b
    litellm_params:
      model: openai/a
      api_key: os.environ/OPENAI_API_KEY
      input_cost_per_token: 1.0e-7
      temperature: 0.5
litellm_settings:
  drop_params: true
  note: "yes"
`);
    expect({ models, variables }).toEqual({ models: ['a', 'b'], variables: ['OPENAI_API_KEY'] });
  });

  test('includes Python modules with their imports, and certificates by their future path', async () => {
    await put('guard.py', 'from words import BLOCKED\nimport os\nimport sub.more\n');
    await put('words.py', 'BLOCKED = 1\n');
    await put('sub/more.py', 'MORE = 1\n');
    await put('certs/ca.pem', '-----BEGIN CERTIFICATE-----\n');
    await put('other.py', '');
    const { files, modules } = await load(
      'guardrails: [{guardrail_name: g, litellm_params: {guardrail: guard.Guard, mode: pre_call}}]\nlitellm_settings: {ssl_verify: ./certs/ca.pem}\n',
    );
    expect(Object.keys(files).sort()).toEqual(['certs/ca.pem', 'guard.py', 'litellm.yaml', 'sub/more.py', 'words.py']);
    expect(modules).toEqual(['guard.py', 'words.py', 'sub/more.py']);
    expect(textOf(files)).toContain('ssl_verify: /agents-llm-files/certs/ca.pem');
  });

  test('changes when a module changes', async () => {
    const text = 'litellm_settings: {callbacks: [mine.handler]}\n';
    await put('mine.py', 'handler = 1\n');
    const before = await load(text);
    await put('mine.py', 'handler = 2\n');
    expect((await load(text)).hash).not.toBe(before.hash);
  });
});

describe('a setting that the stack owns, refused with its position and the reason', () => {
  test.each([
    ['master_key', 'every stack has its own master key'],
    ['database_url', "the database is the stack's own"],
    ['salt_key', 'provider keys could not be decrypted'],
    ['store_model_in_db', 'aliases and providers are kept in the database'],
  ])('%s', async (key, reason) => {
    const error = await refused(`litellm_settings: {}\ngeneral_settings:\n  ${key}: os.environ/MINE\n`);
    expect(error.message).toContain(`litellm.yaml:3:3: general_settings.${key}: the stack sets this itself`);
    expect(error.message).toContain(reason);
  });

  test("refuses to send the gateway's own secrets anywhere", async () => {
    const error = await refused(
      'model_list: [{model_name: a, litellm_params: {model: openai/a, api_base: "http://evil.example", api_key: os.environ/LITELLM_MASTER_KEY}}]\n',
    );
    expect(error.message).toContain("this would read the gateway's own secrets");
    const set = await refused('environment_variables: {DATABASE_URL: x}\n');
    expect(set.message).toContain('environment_variables.DATABASE_URL: the stack sets this itself');
  });
});

describe('secrets', () => {
  test.each(['sk-proj-0123456789abcdefghij', 'my-own-secret'])('must not include a literal key: %s', async (key) => {
    const error = await refused(
      `model_list:\n  - model_name: a\n    litellm_params:\n      model: openai/a\n      api_key: ${key}\n`,
    );
    expect(error.message).toContain('litellm.yaml:5:16: model_list.0.litellm_params.api_key: this is a secret');
    expect(error.message).not.toContain(key);
    expect(error.hint).toContain('os.environ/NAME');
  });

  test.each(['not-needed', 'none', 'EMPTY', 'dummy', 'ollama', 'sk-no-key-required'])(
    'may include a placeholder where no key is needed: %s',
    async (key) => {
      await load(`model_list: [{model_name: a, litellm_params: {model: openai/a, api_key: ${key}}}]\n`);
    },
  );

  test('must not be in an included file', async () => {
    await put('sa.json', '{"private_key": "-----BEGIN PRIVATE KEY-----"}');
    const error = await refused(
      'model_list: [{model_name: a, litellm_params: {model: vertex_ai/a, vertex_credentials: ./sa.json}}]\n',
    );
    expect(error.message).toContain('litellm.yaml names the file sa.json, but it contains a secret');
  });
});

describe('lines without an effect', () => {
  test.each([
    ['general_settings: {drop_params: true}', 'general_settings.drop_params', 'move it to litellm_settings'],
    ['cache: true', 'cache', 'move it to litellm_settings'],
    ['general_settings: {alert-types: []}', 'general_settings.alert-types', 'did you mean alert_types?'],
    ['environment: {A: b}', 'environment', 'did you mean environment_variables?'],
    [
      'general_settings: {drop_parms: true}',
      'general_settings.drop_parms',
      'did you mean drop_params in litellm_settings?',
    ],
    ['router_settings: {num_retrys: 2}', 'router_settings.num_retrys', 'did you mean num_retries?'],
    [
      'model_list: [{model_name: a, api_base: b, litellm_params: {model: a/b}}]',
      'model_list.0.api_base',
      'move it to litellm_params',
    ],
  ])('%s', async (text, name, advice) => {
    const { warnings } = await load(`${text}\n`);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^litellm\.yaml:1:\d+: /);
    expect(warnings[0]).toContain(`${name}: LiteLLM does not read this here, so it has no effect`);
    expect(warnings[0]).toContain(advice);
  });

  test('include a shell variable, which is not replaced', async () => {
    const { warnings } = await load(`litellm_settings: {langfuse_host: "$${'{LANGFUSE_HOST}'}"}\n`);
    expect(warnings.join('\n')).toContain('LiteLLM does not replace this: write os.environ/LANGFUSE_HOST');
  });
});

describe('unsupported files', () => {
  test.each([
    ['', 'the file is empty'],
    ['- a\n', 'the file must be a map'],
    ['a:\n\tb: 1\n', 'a tab indents the line'],
    ['cache: 1\ncache: 2\n', 'this name is used a second time'],
    ['general_settings: !include other.yaml\n', 'a tag (!) is not supported here'],
    ['include: [models.yaml]\n', 'other files are not included'],
    ['model_list: [{model_name: a, litellm_params: {api_key: os.environ/A}}]\n', 'model is missing'],
    ['model_list: [{model_name: a}]\n', 'litellm_params is missing'],
    ['model_list: {}\n', 'must be a list of models'],
    ['general_settings: []\n', 'must be a map'],
    [
      `a: &a [x, x, x, x, x, x, x, x, x, x]\n${'bcdefghij'.replace(/./g, (c) => `${c}: &${c} [${`*${String.fromCharCode(c.charCodeAt(0) - 1)}, `.repeat(10)}]\n`)}`,
      'an anchor is used too often',
    ],
  ])('%s', async (text, message) => {
    expect((await refused(text)).message).toContain(message);
  });

  test.each([
    ['missing', async () => undefined, 'ENOENT'],
    ['a folder', () => mkdir(join(home, 'x.yaml')), 'EISDIR'],
    ['5 MB', () => put('x.yaml', `a: ${'x'.repeat(5_000_000)}`), 'it is too large'],
  ])('%s', async (_, make, why) => {
    await make();
    const error = await caught(() => loadLitellmFile({ files: systemFiles }, join(home, 'x.yaml'), 'x.yaml'));
    expect(error).toMatchObject({
      code: 'usage',
      exitCode: EXIT.usage,
      hint: expect.stringContaining('--litellm-config'),
    });
    expect(error.message).toBe(`LiteLLM's configuration x.yaml cannot be read (${why})`);
  });

  test('include a link that leads out of the folder', async () => {
    await symlink('/etc/hostname', join(home, 'mine.py'));
    expect((await refused('litellm_settings: {callbacks: mine.handler}\n')).message).toContain(
      'leads out of its folder',
    );
  });

  test('include a file that is too large for a container', async () => {
    const noise = Array.from(
      { length: 40_000 },
      (_, at) => `n${(at * 2_654_435_761) % 4_294_967_296}: ${(at * 40_503) % 65_536}`,
    );
    expect((await refused(`x:\n  ${noise.join('\n  ')}\n`)).message).toContain('larger than the gateway takes');
  });
});

describe('the litellm field of agents-llm.yaml', () => {
  const loadYaml = async (text: string) => {
    await put('agents-llm.yaml', text);
    const place = { path: join(home, 'agents-llm.yaml'), shown: 'agents-llm.yaml', folder: home };
    return loadConfig({ files: systemFiles }, place);
  };

  test('means the same as a map and as the path of a file', async () => {
    await put('own.yaml', 'litellm_settings: {drop_params: true}\n');
    const asMap = await loadYaml('litellm:\n  litellm_settings: {drop_params: true}\n');
    const asFile = await loadYaml('litellm: ./own.yaml\n');
    expect(asMap.litellm?.hash).toMatch(/^[0-9a-f]{12}$/);
    expect(asFile.litellm).toMatchObject({ hash: asMap.litellm?.hash, source: './own.yaml', isFile: true });
  });

  test('reports its problems with their position in the file', async () => {
    const error = await caught(() =>
      loadYaml('port: 4000\nlitellm:\n  general_settings:\n    master_key: os.environ/X\n'),
    );
    expect(error).toMatchObject({ code: 'config_invalid', exitCode: EXIT.usage });
    expect(error.message).toContain(
      'agents-llm.yaml:4:5: litellm.general_settings.master_key: the stack sets this itself',
    );
    const { litellm } = await loadYaml('litellm:\n  general_settings: {drop_params: true}\n');
    expect(litellm?.warnings).toEqual([
      'agents-llm.yaml:2:22: general_settings.drop_params: LiteLLM does not read this here, so it has no effect: move it to litellm_settings',
    ]);
    expect((await caught(() => loadYaml('litellm: 5\n'))).message).toContain('must be a map or the path of a file');
  });
});
