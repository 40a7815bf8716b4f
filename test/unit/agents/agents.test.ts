import { describe, expect, test } from 'vitest';
import { AGENTS, agentNamed } from '../../../src/agents/agents.ts';
import { environmentOf } from '../../../src/agents/start-agent.ts';
import { caught } from '../../support/caught.ts';

const ACCESS = { root: 'http://127.0.0.1:4000', key: 'sk-virtual-key', model: 'gpt-5' };

describe('every coding agent', () => {
  test.each(AGENTS.map((agent) => [agent.name, agent] as const))(
    '%s gets the key in its environment only',
    (_, agent) => {
      const { args, variables, removed } = agent.setup(ACCESS);
      expect(args.join(' ')).not.toContain(ACCESS.key);
      expect(Object.values(variables).filter((value) => value === ACCESS.key)).toHaveLength(1);
      expect(removed.filter((name) => name in variables)).toEqual([]);
    },
  );

  test.each(AGENTS.map((agent) => [agent.name, agent] as const))('%s gets the address and the model', (_, agent) => {
    const { args, variables } = agent.setup(ACCESS);
    const settings = agent.settingsCopy?.change({}, ACCESS) ?? {};
    const told = [...args, JSON.stringify(variables), JSON.stringify(settings)].join(' ');
    expect(told).toContain('127.0.0.1:4000');
    expect(told).toContain('gpt-5');
  });
});

describe('Claude Code', () => {
  test('asks for the alias under each model name that it uses', () => {
    const { variables } = agentNamed('claude').setup({ ...ACCESS, model: 'fast' });
    const models = Object.entries(variables).filter(([name]) => name.endsWith('_MODEL'));
    expect(models).toHaveLength(5);
    expect(new Set(models.map(([, value]) => value))).toEqual(new Set(['fast']));
  });

  test('loses only the variables that would send it elsewhere', () => {
    const env = {
      ANTHROPIC_API_KEY: 'sk-ant-own',
      CLAUDE_CODE_USE_BEDROCK: '1',
      OPENAI_API_KEY: 'sk-own',
      PATH: '/bin',
    };
    const environment = environmentOf(agentNamed('claude').setup(ACCESS), env);
    expect(environment).toMatchObject({ ANTHROPIC_AUTH_TOKEN: ACCESS.key, OPENAI_API_KEY: 'sk-own', PATH: '/bin' });
    expect(environment).not.toHaveProperty('ANTHROPIC_API_KEY');
    expect(environment).not.toHaveProperty('CLAUDE_CODE_USE_BEDROCK');
  });
});

describe('the limits of the model', () => {
  const limits = { context: 128_000, output: 16_384 };
  const told = (name: string, access: object) => {
    const agent = agentNamed(name);
    const given = { ...ACCESS, ...access };
    const { args, variables } = agent.setup(given);
    return `${args.join(' ')} ${JSON.stringify(variables)} ${JSON.stringify(agent.settingsCopy?.change({}, given))}`;
  };

  test.each([
    ['claude', '"CLAUDE_CODE_MAX_CONTEXT_TOKENS":"128000"'],
    ['codex', 'model_context_window=128000'],
    ['opencode', '\\"limit\\":{\\"context\\":128000,\\"output\\":16384}'],
    ['crush', '"context_window":128000'],
  ])('are passed to %s when LiteLLM knows them', (name, text) => {
    expect(told(name, { limits })).toContain(text);
  });

  test.each(['claude', 'codex', 'opencode'])('are left to %s when LiteLLM does not know them', (name) => {
    expect(told(name, {})).not.toMatch(/CONTEXT_TOKENS|context_window|limit/);
  });
});

test('passes values to Codex as TOML', () => {
  const { args } = agentNamed('codex').setup({ ...ACCESS, model: 'a "quoted" name' });
  expect(args).toContain('model="a \\"quoted\\" name"');
});

test('suggests the nearest name for an unknown agent', async () => {
  const error = await caught(async () => agentNamed('claud'));
  expect(error).toMatchObject({
    code: 'usage',
    exitCode: 2,
    message: 'Unknown agent "claud". Did you mean claude?',
    hint: expect.stringMatching(/^Use one of claude, codex, .*: agents-llm run -- COMMAND$/),
  });
});
