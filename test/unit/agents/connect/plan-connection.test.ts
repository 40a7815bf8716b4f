import { describe, expect, test } from 'vitest';
import { connectable, connectableNames } from '../../../../src/agents/connect/connections.ts';
import { planFile, planRemoval } from '../../../../src/agents/connect/plan-connection.ts';
import type { Receipt } from '../../../../src/agents/connect/receipt.ts';
import { caught } from '../../../support/caught.ts';

const LIMITS = { context: 128_000, output: 16_384 };
const ACCESS = { root: 'http://127.0.0.1:4000', key: 'sk-virtual', model: 'gpt-5', limits: LIMITS };
const PLACE = { env: {}, home: '/home/ada' };

const TEXTS: Readonly<Record<string, string>> = {
  json: '{\n  "mine": 1,\n  "theme": "dark",\n  "env": {\n    "FOO": "1"\n  }\n}\n',
  toml: '# mine\napproval_policy = "never"  # keep\n\n[mcp_servers.x]\ncommand = "a"\n',
  yaml: '# mine\nname: Ada\nmodels:\n  - name: other\n    provider: anthropic\n',
  dotenv: '# mine\nFOO=1\n',
};

function filesOf(name: string, changes: Partial<typeof ACCESS> = {}) {
  return connectable(name).files({ ...ACCESS, ...changes }, PLACE);
}

function receiptOf(files: Receipt['files']): Receipt {
  const gateway = { gateway: ACCESS.root, isOwnStack: true, model: 'gpt-5', keyAlias: 'agent-claude' };
  return { schemaVersion: 1, agent: 'claude', ...gateway, files };
}

describe.each(connectableNames())('%s', (name) => {
  test.each(filesOf(name).map((file) => [file.path, file] as const))(
    'keeps all other text in %s and restores the file on removal',
    (_, file) => {
      const before = TEXTS[file.format] ?? '';
      const planned = planFile(file, before, undefined);
      expect(planned.changes.length).toBeGreaterThan(0);
      for (const line of before.split('\n').filter((text) => text.includes('mine') || text.includes('keep')))
        expect(planned.text).toContain(line);
      expect(planRemoval(planned.receipt, planned.text)).toMatchObject({ text: before, kept: [] });
    },
  );

  test('creates its files and removes them again', () => {
    for (const file of filesOf(name)) {
      const planned = planFile(file, undefined, undefined);
      expect(planRemoval(planned.receipt, planned.text).text).toBeUndefined();
    }
  });

  test('changes nothing when connected a second time', () => {
    const first = filesOf(name).map((file) => planFile(file, TEXTS[file.format], undefined));
    const known = receiptOf(first.map(({ receipt }) => receipt));
    filesOf(name).forEach((file, index) => {
      const again = planFile(file, first[index]?.text, known);
      expect(again).toMatchObject({ text: first[index]?.text, changes: [] });
      expect(planRemoval(again.receipt, again.text).text).toBe(TEXTS[file.format]);
    });
  });
});

describe('the previous settings', () => {
  test('are restored, even after a second connection with another model', () => {
    const [codex] = filesOf('codex');
    const [other] = filesOf('codex', { model: 'fast' });
    if (!codex || !other) throw new Error('Codex has a file');
    const before = 'model = "o3" # mine\n';
    const first = planFile(codex, before, undefined);
    const second = planFile(other, first.text, receiptOf([first.receipt]));
    expect(second.text).toContain('model = "fast"');
    expect(planRemoval(second.receipt, second.text).text).toBe(before);
  });

  test('keep what the user changed since', () => {
    const [file] = filesOf('codex');
    if (!file) throw new Error('Codex has a file');
    const planned = planFile(file, '', undefined);
    const edited = planned.text.replace('model = "gpt-5"', 'model = "mine"');
    const removal = planRemoval(planned.receipt, edited);
    expect(removal.kept).toEqual(['model']);
    expect(removal.text).toContain('model = "mine"');
    expect(removal.text).not.toContain('agents-llm');
  });

  test('lose a conflicting key on connect and get it again on removal', () => {
    const [file] = filesOf('claude');
    if (!file) throw new Error('Claude Code has a file');
    const before = '{\n  "env": {\n    "ANTHROPIC_API_KEY": "sk-ant-own"\n  }\n}\n';
    const planned = planFile(file, before, undefined);
    expect(planned.text).not.toContain('sk-ant-own');
    expect(JSON.parse(planRemoval(planned.receipt, planned.text).text ?? '')).toEqual(JSON.parse(before));
  });
});

const NO_COMMENT = 'is not valid JSON: invalid comment token in line 2';
test.each([
  ['claude', '{"a": 1,\n // mine\n"b": 1}', NO_COMMENT],
  ['claude', '{"a": 1,}', 'is not valid JSON: property name expected in line 1'],
  ['gemini', '{"a": 1,}', 'is not valid JSON: property name expected in line 1'],
  ['qwen', '{\n"a": 1,\n}', 'is not valid JSON: property name expected in line 3'],
])('refuses what %s itself cannot read: %j', async (name, text, message) => {
  const [file] = filesOf(name);
  if (!file) throw new Error('It has a file');
  const error = await caught(async () => planFile(file, text, undefined));
  expect(error).toMatchObject({ code: 'agent_settings_invalid', message: `${file.path} ${message}` });
});

test('accepts comments and trailing commas where the agent does', () => {
  for (const [name, text] of [
    ['gemini', '{ // mine\n"a": 1}'],
    ['opencode', '{ // mine\n"a": 1,}'],
  ] as const) {
    const [file] = filesOf(name);
    expect(file && planFile(file, text, undefined).text).toContain('// mine');
  }
});

test.each([
  ['claude', '{"env": "x"}', 'env'],
  ['claude', '{"env": null}', 'env'],
  ['claude', '{"env": [1]}', 'env'],
  ['gemini', '{"security": {"auth": true}}', 'security.auth'],
  ['codex', 'model_providers = 3', 'model_providers'],
  ['continue', 'models: 3', 'models'],
  ['continue', 'models:', 'models'],
  ['continue', 'models: {a: 1}', 'models'],
])('refuses settings of %s whose group is none: %s', async (name, text, group) => {
  const [file] = filesOf(name);
  if (!file) throw new Error('It has a file');
  const error = await caught(async () => planFile(file, text, undefined));
  expect(error).toMatchObject({
    code: 'agent_settings_invalid',
    exitCode: 2,
    message: `"${group}" in ${file.path} is not ${name === 'continue' ? 'a list' : 'an object'}`,
    hint: `Remove "${group}" or correct it, then run the command again`,
  });
});

test('removal leaves a group that has become another value since', () => {
  const [file] = filesOf('claude');
  if (!file) throw new Error('Claude Code has a file');
  const planned = planFile(file, '{"env": {"ANTHROPIC_API_KEY": "sk-ant-own"}}', undefined);
  const removal = planRemoval(planned.receipt, '{"env": null}');
  expect(removal.text).toBe('{"env": null}');
  expect(removal.kept).toContain('env.ANTHROPIC_API_KEY');
});

test.each([
  ['json', '{"env": '],
  ['toml', 'model = '],
  ['yaml', 'models: ]'],
])('refuses settings that are not valid %s', async (format, text) => {
  const error = await caught(async () =>
    planFile(
      { path: '/home/ada/settings', format: format as 'json', settings: [{ path: ['a'], value: 1 }] },
      text,
      undefined,
    ),
  );
  expect(error).toMatchObject({
    code: 'agent_settings_invalid',
    exitCode: 2,
    message: expect.stringMatching(new RegExp(`^/home/ada/settings is not valid ${format.toUpperCase()}: .`)),
    hint: 'Correct the file, then run the command again',
  });
});

test.each([
  [
    'cursor',
    "Cursor cannot be connected, because its requests come from Cursor's own servers, which cannot reach a gateway on this machine",
  ],
  ['copilot', 'GitHub Copilot CLI cannot be connected, because it reads its provider from environment variables alone'],
  ['claud', 'Unknown agent "claud". Did you mean claude?'],
])('refuses to connect %s', async (name, message) => {
  const error = await caught(async () => connectable(name));
  expect(error).toMatchObject({ code: 'usage', exitCode: 2, message });
});
