import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../../../src/litellm/config/parse-config.ts';
import { renderConfig } from '../../../../src/litellm/config/render-config.ts';
import { importText } from '../../../../src/litellm/import/read-import.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import { caught } from '../../../support/caught.ts';

const REAL = fileURLToPath(new URL('../../../fixtures/real-configs/', import.meta.url));

function imported(text: string, environment: Readonly<Record<string, string>> = {}) {
  const plain = new Map(Object.entries(environment));
  const { fields, lines } = importText(text, 'config.yaml', { plain, entries: plain });
  const written = renderConfig(fields, './schema.json', 'init --from-litellm config.yaml');
  const config = parseConfig(written, { shown: 'agents-llm.yaml', folder: '/home/me/shop' });
  const report = lines.map(({ action, line, path, text: said }) => `${line} ${action} ${path}: ${said}`);
  return { fields, written, config, report };
}

/** The names that applications can call. */
const namesOf = ({ config }: ReturnType<typeof imported>) =>
  [...config.aliases.map(({ name }) => name), ...(config.litellm?.models ?? [])].sort();

describe('the import of public configurations', () => {
  const MODELS: Readonly<Record<string, readonly string[]>> = {
    '01': ['embed', 'gpt-5', 'pictures', 'voice'],
    '03': ['claude-haiku-4-5-20251001', 'claude-opus-4-8'],
    '05': ['deep', 'fast', 'gpt', 'longdoc', 'private'],
    '06': ['openai/*'],
    '07': ['embedding', 'llama', 'qwen'],
    '09': ['claude-*', 'claude-sonnet-4-6', 'gpt-*'],
    '10': [],
    '12': ['assistant', 'lite'],
  };

  test.each(readdirSync(REAL))('%s keeps every model and produces a valid file', (name) => {
    const result = imported(readFileSync(join(REAL, name), 'utf8'));
    expect(namesOf(result)).toEqual(MODELS[name.slice(0, 2)]);
    expect(result.config.litellm?.warnings ?? []).toEqual([]);
    expect(result.written).not.toMatch(/master_key|database_url|store_model_in_db/);
  });

  const report = (number: string) => {
    const name = readdirSync(REAL).find((file) => file.startsWith(number)) ?? '';
    return imported(readFileSync(join(REAL, name), 'utf8'));
  };

  test('05: maps keys and addresses to providers and roles to aliases, and keeps the bridge settings', () => {
    const { fields, report: lines } = report('05');
    expect(fields.providers).toEqual({
      ollama: { api_base: 'http://host.docker.internal:11434' },
      openai: { api_key_env: 'OPENAI_API_KEY' },
      gemini: { api_key_env: 'GEMINI_API_KEY' },
    });
    expect(fields.aliases).toMatchObject({
      fast: { target: 'ollama/llama3.1:8b', provider: 'ollama' },
      private: { target: 'ollama/deepseek-r1:32b', provider: 'ollama' },
      gpt: { target: 'openai/gpt-5.5', provider: 'openai' },
    });
    expect(fields.litellm).toMatchObject({
      model_list: [{ model_name: 'deep' }],
      router_settings: { fallbacks: expect.arrayContaining([{ deep: ['gpt', 'fast'] }]) },
      litellm_settings: { drop_params: true },
    });
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^\d+ left out general_settings\.master_key: the stack sets this itself/),
        expect.stringMatching(
          /^\d+ taken model_list\.2: litellm\.model_list, because its key is not an environment variable$/,
        ),
        expect.stringMatching(/^\d+ taken model_list\.0: alias fast, provider ollama$/),
        expect.stringMatching(/^\d+ taken router_settings: litellm\.router_settings$/),
      ]),
    );
  });

  test('03: keeps several targets of one name together', () => {
    const { fields } = report('03');
    expect(fields.litellm).toMatchObject({
      model_list: [
        { litellm_params: { weight: 2 } },
        { litellm_params: { weight: 2 } },
        { litellm_params: { weight: 6 } },
      ],
    });
  });

  test('01: passes the variables that its own configuration names to the gateway', () => {
    expect(report('01').fields.env).toMatchObject({
      AZURE_API_BASE: { from: 'AZURE_API_BASE' },
      AZURE_API_KEY: { from: 'AZURE_API_KEY' },
    });
  });

  test('06: imports a pattern as an alias, and other variables as provider values', () => {
    const { fields } = report('06');
    expect(fields.providers).toEqual({
      openai: { api_key_env: 'OPENAI_API_KEY', values_env: { organization: 'OPENAI_ORG_ID' } },
    });
    expect(fields.aliases).toEqual({ 'openai/*': { target: 'openai/*', provider: 'openai' } });
  });

  test('12: replaces variables by the plain values of the environment', () => {
    const name = readdirSync(REAL).find((file) => file.startsWith('12')) ?? '';
    const { fields } = imported(readFileSync(join(REAL, name), 'utf8'), {
      OPENAI_MODEL_ASSISTANT: 'openai/gpt-5',
      OPENAI_MODEL_LITE: 'openai/gpt-5-mini',
      OPENAI_BASE_URL: 'https://llm.example/v1',
    });
    expect(fields.litellm).toBeUndefined();
    expect(fields.providers).toEqual({
      openai: { api_key_env: 'OPENAI_API_KEY', api_base: 'https://llm.example/v1' },
    });
    expect(Object.keys(fields.aliases ?? {})).toEqual(['assistant', 'lite']);
  });
});

describe('the environment that LiteLLM needs', () => {
  test('includes the variables that callbacks read', () => {
    const { fields, report } = imported(
      'litellm_settings: {success_callback: langfuse, callbacks: [x, langfuse_otel]}\n',
    );
    expect(fields.env).toEqual({
      LANGFUSE_PUBLIC_KEY: { from: 'LANGFUSE_PUBLIC_KEY' },
      LANGFUSE_SECRET_KEY: { from: 'LANGFUSE_SECRET_KEY' },
    });
    expect(report).toContain(
      '1 taken litellm_settings.success_callback: env LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY, because the callback langfuse needs them',
    );
  });

  test('uses a memory cache when no Redis is named', () => {
    const local = { litellm_settings: { cache: true, cache_params: { type: 'local' } } };
    const { fields, report } = imported('litellm_settings: {cache: true}\n');
    expect(fields.litellm).toEqual(local);
    expect(report).toContain(
      '1 changed litellm_settings.cache: cache_params: {type: local}, because no Redis is named and LiteLLM would not start without one',
    );
    expect(imported('litellm_settings: {cache: true}\n', { REDIS_HOST: 'redis' }).fields.litellm).toEqual({
      litellm_settings: { cache: true },
    });
    const named = { cache: true, cache_params: { host: 'redis' } };
    expect(imported(JSON.stringify({ litellm_settings: named })).fields.litellm).toEqual({ litellm_settings: named });
  });

  test('reports each model on a line of its own, and each entry with one reason', () => {
    const { report } = imported(
      'model_list:\n  - model_name: a\n    litellm_params: {model: openai/a}\n  - model_name: b\n    litellm_params: {model: b}\ngeneral_settings:\n  master_key: os.environ/LITELLM_MASTER_KEY\n',
    );
    expect(report).toEqual([
      '2 taken model_list.0: alias a, provider openai',
      '4 taken model_list.1: litellm.model_list, because the model does not name its provider',
      expect.stringMatching(/^7 left out general_settings\.master_key: the stack sets this itself/),
    ]);
    const { report: ofKeys } = imported(
      'general_settings: {master_key: sk-1234abcd, database_url: "postgresql://u:p@db/x"}\nmodel_list:\n  - litellm_params: {model: openai/a, api_key: abc}\n',
    );
    expect(ofKeys.map((line) => line.split(': ')[0])).toEqual([
      '1 left out general_settings.master_key',
      '1 left out general_settings.database_url',
      '3 left out model_list.0',
    ]);
  });
});

describe('settings that LiteLLM ignores or must not have', () => {
  test('are reported with their line', () => {
    const { written, report } = imported(
      [
        'model_list:',
        '  - model_name: a',
        '    litellm_params: {model: openai/a, api_key: "$' + '{OPENAI_API_KEY}"}',
        '  - model_name: b',
        '    litellm_params: {model: openai/b, api_key: sk-proj-0123456789abcdefghij}',
        '  - model_name: c',
        '    litellm_params: {model: openai/c, api_key: os.environ/LITELLM_MASTER_KEY}',
        'cache: true',
        'include: [more.yaml]',
      ].join('\n'),
    );
    expect(written).not.toContain('sk-proj');
    expect(report).toEqual(
      expect.arrayContaining([
        '3 changed model_list.0.litellm_params.api_key: os.environ/OPENAI_API_KEY, because LiteLLM does not replace it',
        '5 changed model_list.1.litellm_params.api_key: os.environ/MY_API_KEY: give that variable the key, which stays out of the file',
        expect.stringMatching(/^\d+ left out model_list\.2: this would read the gateway's own secrets/),
        expect.stringMatching(/^8 ignored cache: LiteLLM does not read this here.*litellm_settings$/),
        expect.stringMatching(/^9 left out include: /),
      ]),
    );
  });

  test.each(['', '- a\n', 'a: [\n', 'a: !include b\n', 'a: 1\na: 2\n'])(
    'refuses an unreadable file: %j',
    async (text) => {
      expect(await caught(() => imported(text))).toMatchObject({
        code: 'config_invalid',
        exitCode: EXIT.usage,
        hint: 'Correct the file, then import it again: agents-llm init --from-litellm config.yaml',
      });
    },
  );
});

describe('any file that import accepts', () => {
  const name = fc.oneof(
    fc.constantFrom('a', 'gpt-5', 'claude-*', 'x/y', 'on', '1', '~'),
    fc.string({ minLength: 1, maxLength: 8 }),
  );
  const leaf = fc.oneof(
    fc.constantFrom(
      'os.environ/MY_VAR',
      'os.environ/LITELLM_SALT_KEY',
      'not-needed',
      'sk-abc0123456789012345678',
      '$' + '{HOST}',
      '',
    ),
    fc.string({ maxLength: 12 }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  );
  const value = fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(name, leaf, { maxKeys: 3 }));
  const params = fc.record(
    {
      model: fc.oneof(
        fc.constantFrom('openai/gpt-4o', 'ollama/x', 'azure/y', 'bedrock/z', 'gpt', 'os.environ/M'),
        leaf,
      ),
      api_key: leaf,
      api_base: leaf,
      aws_region_name: leaf,
      temperature: leaf,
      extra_headers: value,
    },
    { requiredKeys: [] },
  );
  const row = fc.record(
    {
      model_name: fc.oneof(name, leaf),
      litellm_params: fc.oneof(params, leaf),
      model_info: fc.record(
        { mode: fc.oneof(fc.constantFrom('chat', 'embedding'), leaf), base_model: leaf, id: leaf },
        { requiredKeys: [] },
      ),
      api_base: leaf,
    },
    { requiredKeys: [] },
  );
  const section = fc.oneof(
    fc.dictionary(
      fc.oneof(fc.constantFrom('master_key', 'drop_params', 'cache', 'callbacks', 'num_retries', 'salt-key'), name),
      value,
      { maxKeys: 4 },
    ),
    leaf,
  );
  const config = fc.record(
    {
      model_list: fc.oneof(fc.array(row, { maxLength: 5 }), leaf),
      general_settings: section,
      litellm_settings: section,
      router_settings: section,
      environment_variables: section,
      include: value,
    },
    { requiredKeys: [] },
  );

  test('becomes a file that apply accepts, with the same result each time', () => {
    fc.assert(
      fc.property(config, (given) => {
        const text = JSON.stringify(given);
        try {
          importText(text, 'config.yaml');
        } catch {
          // It is no YAML that LiteLLM would read.
          return;
        }
        const result = imported(text);
        expect(imported(text).written).toBe(result.written);
        expect(result.written).not.toContain('sk-abc0123456789012345678');
      }),
      { numRuns: 300 },
    );
  });
});

describe('any file that LiteLLM starts with', () => {
  const name = fc.constantFrom('a', 'b', 'gpt-5', 'claude-*', 'x/y', 'on', '1', 'c d');
  const text = fc
    .oneof(fc.constantFrom('yes', '007', '1e3', '~', 'a: b', '# c', "it's", 'x\ny'), fc.string({ maxLength: 8 }))
    .filter((given) => !given.includes('$'));
  const value = fc.oneof(text, fc.integer(), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true }));
  const params = fc.record(
    {
      model: fc.constantFrom('openai/gpt-4o', 'ollama/llama3', 'azure/team', 'bedrock/us.x-v1:0', 'openai/*', 'gpt-4o'),
      api_key: fc.constantFrom('os.environ/ONE_KEY', 'os.environ/OTHER_KEY', 'not-needed'),
      api_base: fc.constantFrom('http://one:1/v1', 'http://two:2', 'os.environ/BASE'),
      api_version: fc.constantFrom('2025-01-01-preview', 'preview'),
      organization: fc.constant('os.environ/ORG'),
      temperature: fc.double({ min: 0, max: 2, noNaN: true }),
      drop_params: fc.boolean(),
      weight: fc.nat(9),
      extra_body: fc.dictionary(fc.constantFrom('num_ctx', 'stop'), value, { minKeys: 1 }),
    },
    { requiredKeys: ['model'] },
  );
  const row = fc.record(
    {
      model_name: name,
      litellm_params: params,
      model_info: fc.record(
        { mode: fc.constantFrom('chat', 'embedding', 'odd'), base_model: fc.constant('gpt-4o'), max_tokens: fc.nat() },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['model_name', 'litellm_params'] },
  );
  const config = fc.record(
    {
      model_list: fc.array(row, { maxLength: 6 }),
      litellm_settings: fc.record(
        { drop_params: fc.boolean(), num_retries: fc.nat(9), callbacks: fc.subarray(['otel', 'prometheus']) },
        { requiredKeys: [] },
      ),
      router_settings: fc.record(
        { routing_strategy: text, timeout: value, fallbacks: fc.array(fc.dictionary(name, fc.array(text))) },
        { requiredKeys: [] },
      ),
      general_settings: fc.record(
        { alerting: fc.array(text), infer_model_from_keys: fc.boolean() },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );

  type Row = { model_name: string; litellm_params: Record<string, unknown>; model_info?: Record<string, unknown> };
  interface AliasFields {
    readonly target?: string;
    readonly provider?: string;
    readonly params?: Readonly<Record<string, unknown>>;
    readonly mode?: string;
    readonly base_model?: string;
  }
  const DEFAULT_KEYS: Readonly<Record<string, string>> = {
    openai: 'os.environ/OPENAI_API_KEY',
    azure: 'os.environ/AZURE_API_KEY',
  };

  const sorted = (of: object) => Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1));

  /** As LiteLLM completes it: a row without a key takes that of its provider. */
  const effective = (rows: readonly Row[]) =>
    rows
      .map(({ model_name, litellm_params: { ...given }, model_info = {} }) => {
        const standard = DEFAULT_KEYS[String(given.model).split('/')[0] ?? ''];
        if (standard !== undefined && given.api_key === undefined && String(given.model).includes('/'))
          given.api_key = standard;
        return JSON.stringify([model_name, sorted(given), sorted(model_info)]);
      })
      .sort();

  /** The rows that an agents-llm.yaml makes, in LiteLLM's words. */
  const rowsOf = (fields: ReturnType<typeof imported>['fields']): readonly Row[] => {
    const aliases = Object.entries(fields.aliases ?? {}).map(([model_name, given]) => {
      const { target, provider = '', params: more = {}, mode, base_model } = given as AliasFields;
      const { api_key_env: key, values_env: values = {}, provider: _, ...rest } = { ...fields.providers?.[provider] };
      const secrets = Object.entries({ ...values, ...(key === undefined ? {} : { api_key: key }) });
      const references = Object.fromEntries(secrets.map(([name, variable]) => [name, `os.environ/${variable}`]));
      const model_info = { ...(mode && { mode }), ...(base_model && { base_model }) };
      return { model_name, litellm_params: { model: target, ...rest, ...references, ...more }, model_info };
    });
    return [...aliases, ...((fields.litellm as { model_list?: Row[] })?.model_list ?? [])];
  };

  test('means the same to LiteLLM after the import', () => {
    fc.assert(
      fc.property(config, (generated) => {
        const text = JSON.stringify(generated);
        const given = JSON.parse(text);
        const { fields, written, config: read } = imported(text);
        const whole = withoutEmpty(fields);
        expect(parse(written)).toEqual(Object.keys(whole).length > 0 ? whole : { providers: {} });
        expect(effective(rowsOf(fields))).toEqual(effective((given.model_list ?? []) as Row[]));
        for (const section of ['litellm_settings', 'router_settings', 'general_settings'] as const) {
          expect((fields.litellm as Record<string, unknown>)?.[section] ?? {}).toEqual(given[section] ?? {});
        }
        const needed = read.litellm?.variables ?? [];
        expect(Object.keys(fields.env ?? {})).toEqual(expect.arrayContaining([...needed]));
      }),
      { numRuns: 150 },
    );
  });

  const withoutEmpty = (fields: object) =>
    Object.fromEntries(Object.entries(fields).filter(([, of]) => typeof of !== 'object' || Object.keys(of).length > 0));
});
