import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../../src/litellm/config/parse-config.ts';
import { CliError } from '../../../../src/model/errors.ts';

const parse = (text: string) => parseConfig(text, { shown: 'agents-llm.yaml', folder: '/home/me/shop' });

function failure(text: string): CliError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

test('fills in defaults', () => {
  expect(
    parse('aliases:\n  gpt-5: {target: openai/gpt-4o}\nproviders:\nkeys:\n  app: {models: [gpt-5, gpt-5]}\n'),
  ).toEqual({
    name: 'shop',
    image: undefined,
    port: undefined,
    bind: undefined,
    uiUsername: undefined,
    uiPassword: undefined,
    providers: [],
    aliases: [{ name: 'gpt-5', target: 'openai/gpt-4o', provider: undefined, params: {} }],
    keys: [{ alias: 'app', models: ['gpt-5'], duration: '30d' }],
  });
});

test("derives a provider's kind from its name, and its values from separate fields", () => {
  const text = `name: mine
providers:
  azure:
    api_key_env: AZURE_API_KEY
    api_base: https://example.openai.azure.com
    api_version: 2024-10-21
  aws: {provider: bedrock, values: {aws_region_name: eu-west-1}, values_env: {aws_secret_access_key: AWS_SECRET}}
`;
  expect(parse(text)).toMatchObject({
    name: 'mine',
    providers: [
      {
        provider: 'azure',
        keyVariable: 'AZURE_API_KEY',
        values: { api_base: 'https://example.openai.azure.com', api_version: '2024-10-21' },
      },
      {
        provider: 'bedrock',
        keyVariable: undefined,
        values: { aws_region_name: 'eu-west-1' },
        secretVariables: { aws_secret_access_key: 'AWS_SECRET' },
      },
    ],
  });
});

const KEY = 'providers:\n  openai:\n    api_key_env: OPENAI_API_KEY\n';

describe('invalid or unsupported YAML, reported with its position', () => {
  test.each([
    ['a tab', 'aliases:\n\tgpt-5: {}\n', '2:1', 'a tab indents the line'],
    ['a name twice', `${KEY}  openai: {}\n`, '4:3', 'a second time'],
    ['a group twice', 'aliases:\nport: 1\naliases:\n', '3:1', 'a second time'],
    ['an anchor', 'aliases:\n  a: &x {target: b}\n  c: *x\n', '2:9', 'an anchor (&)'],
    ['a merge', 'aliases:\n  a:\n    <<: {target: b}\n', '3:5', 'merging (<<)'],
    ['an alias of nothing', 'port: *x\n', '1:7', 'an alias (*)'],
    ['a tag', 'port: !!js/function x\n', '1:7', 'a tag (!)'],
    ['two documents', 'port: 1\n---\nport: 2\n', '2:1', 'a second document'],
    ['an open quote', "name: 'x\n", '2:1', 'a quote, bracket or colon'],
    ['a second colon', 'name: a: b\n', '1:7', 'a second colon'],
    ['a wrong indent', 'ui:\n  username: a\n password: b\n', '3:1', 'the indentation differs'],
    ['a number for a name', 'aliases:\n  5: {target: b}\n', '2:3', 'in quotes'],
    ['a name of objects', 'aliases:\n  __proto__: {target: b}\n', '2:3', 'this is not a valid name'],
    ['nothing', '', '1:1', 'the file is empty'],
    ['comments alone', '# a\n', '1:1', 'the file is empty'],
    ['a list', '- a\n', '1:1', 'the file must be a map'],
  ])('%s', (_, text, place, message) => {
    const error = failure(text);
    expect(error).toMatchObject({
      code: 'config_invalid',
      exitCode: 2,
      hint: expect.stringContaining('agents-llm apply --dry-run'),
    });
    expect(error.message).toContain(`agents-llm.yaml:${place}: `);
    expect(error.message).toContain(message);
  });
});

describe('invalid settings, reported with their position', () => {
  test.each([
    ['an unknown group', 'alias:\n  a: {}\n', '1:1: alias is not a known field (did you mean aliases?)'],
    [
      'an unknown field',
      'aliases:\n  gpt-5:\n    traget: x\n    target: y\n',
      '3:5: aliases.gpt-5.traget is not a known field (did you mean target?)',
    ],
    [
      'one that is like none',
      'ui:\n  colour: red\n',
      '2:3: ui: this field is not known (known fields: username, password)',
    ],
    ['a number that is endless', 'keys:\n  a: {models: [b], max_budget: 1e999}\n', '2:32: this is not a finite number'],
    ['one that is none', 'aliases:\n  a: {target: b, params: {top_p: .nan}}\n', '2:34: this is not a finite number'],
    [
      'one in write_env',
      'keys:\n  a:\n    models: [b]\n    write_env: {fil: .env}\n',
      '4:17: keys.a.write_env.fil is not a known field (did you mean file?)',
    ],
    ['a missing field', 'aliases:\n  gpt-5:\n    provider: x\n', '2:3: aliases.gpt-5.target is missing'],
    ['a bad port', 'port: 99999\n', '1:7: port must be a port, from 1 to 65535'],
    ['a bad address', 'bind: here\n', '1:7: bind must be an IPv4 address'],
    ['a bad image', 'image: a b\n', '1:8: image must be the reference of an image'],
    ['a number for a text', `${KEY}    api_version: 5\n`, '4:18: providers.openai.api_version must be text'],
    ['a bad lifetime', 'keys:\n  a: {models: [b], duration: 30}\n', '2:30: keys.a.duration must be a lifetime'],
    ['no model', 'keys:\n  a: {models: []}\n', '2:15: keys.a.models must name at least one model'],
    [
      'a negative budget',
      'keys:\n  a: {models: [b], max_budget: -1}\n',
      '2:32: keys.a.max_budget must not be negative',
    ],
    ['an entry without fields', 'aliases:\n  gpt-5:\n', '2:9: aliases.gpt-5 must be a map'],
    [
      'a provider of unknown kind',
      'providers:\n  work: {api_key_env: A}\n',
      '2:3: providers.work: cannot tell which provider this is',
    ],
    [
      'a provider without a key',
      'providers:\n  openai: {}\n',
      '2:3: providers.openai: the environment variable with its key is missing: add api_key_env: OPENAI_API_KEY',
    ],
    ['a password', 'ui:\n  password: hunter2\n', '2:13: ui.password must be a source'],
    [
      'a parameter with a field of its own',
      'aliases:\n  a: {target: b, params: {model: c}}\n',
      '2:27: aliases.a.params.model: use the field "target"',
    ],
    [
      'a parameter without a value',
      'aliases:\n  a: {target: b, params: {top_p: }}\n',
      '2:27: aliases.a.params.top_p: it has no value',
    ],
    [
      'a value with a field of its own',
      `${KEY}    values: {api_base: x}\n`,
      '4:14: providers.openai.values.api_base: use the field api_base for this',
    ],
    [
      'a file outside',
      'keys:\n  a: {models: [b], write_env: {file: ../.env}}\n',
      '2:38: keys.a.write_env.file: must be in the folder',
    ],
    [
      'an absolute file',
      'keys:\n  a: {models: [b], write_env: {file: /etc/x}}\n',
      '2:38: keys.a.write_env.file: must be in the folder',
    ],
    [
      "a file in git's own folder",
      'keys:\n  a: {models: [b], write_env: {file: sub/.GIT/config}}\n',
      '2:38: keys.a.write_env.file: must not be in .git',
    ],
    [
      'a variable that changes how programs run',
      'keys:\n  a: {models: [b], write_env: {file: .env, api_key: LD_PRELOAD}}\n',
      '2:53: keys.a.write_env.api_key: is a variable that changes how programs run',
    ],
    [
      "the gateway's own environment in an alias",
      'aliases:\n  a: {target: openai/x, params: {extra_headers: {x: os.environ/LITELLM_SALT_KEY}}}\n',
      "2:53: aliases.a.params.extra_headers.x: this would read the gateway's own secrets",
    ],
    [
      "the gateway's own environment in a provider",
      `${KEY}    api_base: os.environ/DATABASE_URL\n`,
      "4:15: providers.openai.api_base: this would read the gateway's own secrets",
    ],
    [
      'one variable for two keys',
      'keys:\n  a: {models: [b], write_env: {file: .env}}\n  c: {models: [b], write_env: {file: ./.env, base_url: B}}\n',
      '3:31: keys.c.write_env: another entry writes',
    ],
    [
      'one variable for key and address',
      'keys:\n  a: {models: [b], write_env: {file: .env, base_url: OPENAI_API_KEY}}\n',
      '2:31: keys.a.write_env: another entry writes',
    ],
  ])('%s', (_, text, message) => {
    const error = failure(text);
    expect(error).toMatchObject({ code: 'config_invalid', exitCode: 2 });
    expect(error.message).toContain(`agents-llm.yaml:${message}`);
  });

  test('repeats nothing of a file of another kind', () => {
    const shadow = 'root:$6$salt$aB3dE6gH9:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n';
    const hash = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
    for (const text of [shadow, `aliases:\n  ${hash}: 1\n`, `aliases:\n  "$6$salt": {}\n`, `${hash}: 1\n`]) {
      const { message, hint, details } = failure(text);
      expect(JSON.stringify({ message, hint, details })).not.toMatch(/salt|aB3|19000|0a1b/);
      expect(message).toMatch(/^agents-llm\.yaml:\d+:\d+: /);
    }
    expect(failure('aliases:\n  gpt-4o-mini-2024-07-18: {}\n').message).toContain(
      'aliases.gpt-4o-mini-2024-07-18.target is missing',
    );
  });

  test('reports all problems at once, in the order of the lines', () => {
    const error = failure('aliases:\n  a: {}\nport: x\nuii: {}\n');
    expect(error.message.split('\n').map((line) => line.split(': ')[0])).toEqual([
      'agents-llm.yaml:2:3',
      'agents-llm.yaml:3:7',
      'agents-llm.yaml:4:1',
    ]);
    expect(error.details.issues).toMatchObject([
      { line: 2, column: 3 },
      { line: 3, column: 7 },
      { line: 4, column: 1 },
    ]);
  });

  test('shows at most ten problems', () => {
    const entries = Array.from({ length: 12 }, (_, i) => `  a${i}: {}\n`).join('');
    expect(failure(`aliases:\n${entries}`).message).toMatch(/\n2 more$/);
  });
});

describe('a secret, refused without repeating it, and with a hint', () => {
  test.each([
    [
      'in place of its variable',
      'providers:\n  openai:\n    api_key_env: SECRET\n',
      'sk-proj-0123456789abcdef',
      '3:18',
    ],
    ['as a variable by its form', 'providers:\n  groq:\n    api_key_env: SECRET\n', 'q8f9d3k2j5h7g6f4d1s0', '3:18'],
    ['as api_key', 'providers:\n  openai:\n    api_key: SECRET\n', 'short', '3:14'],
    ['in a comment', 'port: 4000\n# was: SECRET\n', 'sk-ant-api03-0123456789abcdef', '2:8'],
    ['in a parameter', 'aliases:\n  a:\n    target: b\n    params: {api_key: SECRET}\n', 'short', '4:23'],
    [
      'deep in a parameter',
      'aliases:\n  a:\n    target: b\n    params: {extra: {auth_token: SECRET}}\n',
      'short',
      '4:34',
    ],
    [
      'in a value',
      'providers:\n  aws:\n    provider: bedrock\n    values: {aws_secret_access_key: SECRET}\n',
      'short',
      '4:37',
    ],
    ['in an address', 'providers:\n  ollama: {api_base: "http://me:SECRET@host"}\n', 'hunter22', '2:27'],
    [
      'in an address without a user',
      'litellm: {litellm_settings: {cache_params: {url: "redis://:SECRET@cache"}}}\n',
      'hunter',
      '1:56',
    ],
    ['in a header', 'env:\n  OTEL_HEADERS: authorization=Basic%20SECRET\n', 'cGstbGYtMTpzay1sZi0y', '2:31'],
    ['in broken YAML', 'a: [\n  b: SECRET\n', 'AIzaSyA-0123456789012345678901234567890', '2:6'],
  ])('%s', (_, text, secret, place) => {
    const error = failure(text.replace('SECRET', secret));
    expect(error).toMatchObject({ code: 'config_invalid', exitCode: 2, hint: expect.stringContaining('api_key_env') });
    expect(error.message).toContain(`agents-llm.yaml:${place}: `);
    expect(error.message).toContain('a secret');
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain(secret);
  });

  test('accepts text that only resembles a secret', () => {
    const text = `image: ghcr.io/berriai/litellm@sha256:${'0123456789abcdef'.repeat(4)}
aliases:
  claude: {target: anthropic/claude-sonnet-4-20250514, params: {max_tokens: 100, input_cost_per_token: 0.1}}
  mask-rcnn-sk-learn: {target: openai/task-12345}
# Basic authentication and bearer authorization, http://:8080
`;
    expect(parse(text).aliases).toHaveLength(2);
  });
});
