import { CliError } from '../model/errors.ts';
import { isRecord } from '../text/json.ts';
import { didYouMean } from '../text/similar-name.ts';
import type { Agent, GatewayAccess } from './agent.ts';
import { crushProvider, geminiOverrides, opencodeProvider, PROVIDER } from './gateway-provider.ts';

/** Holds the virtual key for agents that accept any variable name, so that the user's own `OPENAI_API_KEY` is untouched. */
const KEY_VARIABLE = 'AGENTS_LLM_API_KEY';

const DATE = '2026-11-28';

/** One row for each coding agent, in the order in which they are listed. */
export const AGENTS: readonly Agent[] = [
  {
    name: 'claude',
    title: 'Claude Code',
    program: 'claude',
    install: 'npm install -g @anthropic-ai/claude-code',
    // It requests models by four names of its own, so all of them are set to the alias.
    setup: ({ root, key, model, limits }) => ({
      args: [],
      variables: {
        ANTHROPIC_BASE_URL: root,
        ANTHROPIC_AUTH_TOKEN: key,
        ANTHROPIC_MODEL: model,
        ANTHROPIC_DEFAULT_OPUS_MODEL: model,
        ANTHROPIC_DEFAULT_SONNET_MODEL: model,
        ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
        CLAUDE_CODE_SUBAGENT_MODEL: model,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        // It assumes a context of a million tokens for a model that it does not know.
        ...(limits && { CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(limits.context) }),
      },
      removed: [
        'ANTHROPIC_API_KEY',
        'ANTHROPIC_SMALL_FAST_MODEL',
        'CLAUDE_CODE_OAUTH_TOKEN',
        'CLAUDE_CODE_USE_BEDROCK',
        'CLAUDE_CODE_USE_FOUNDRY',
        'CLAUDE_CODE_USE_VERTEX',
      ],
    }),
    checked: {
      version: '2.1.332',
      date: DATE,
      source: 'code.claude.com/docs/en/llm-gateway',
      seen: 'answered through /v1/messages by launch and connect',
    },
  },
  {
    name: 'codex',
    title: 'Codex CLI',
    program: 'codex',
    install: 'npm install -g @openai/codex',
    // It ignores OPENAI_BASE_URL (openai/codex#16719) and only uses the Responses API.
    setup: ({ root, key, model, limits }) => ({
      args: [
        ...['-c', `model_provider=${toml(PROVIDER)}`],
        ...['-c', `model_providers.${PROVIDER}=${codexProvider(root)}`],
        ...['-c', `model=${toml(model)}`],
        ...(limits ? ['-c', `model_context_window=${limits.context}`] : []),
      ],
      variables: { [KEY_VARIABLE]: key },
      removed: ['CODEX_API_KEY'],
    }),
    checked: {
      version: '0.171.0',
      date: DATE,
      source: 'github.com/openai/codex, docs/config.md',
      seen: 'answered through /v1/responses by launch and connect',
    },
  },
  {
    name: 'gemini',
    title: 'Gemini CLI',
    program: 'gemini',
    install: 'npm install -g @google/gemini-cli',
    setup: ({ root, key, model }) => ({
      args: [],
      variables: { GOOGLE_GEMINI_BASE_URL: root, GEMINI_API_KEY: key, GEMINI_MODEL: model },
      removed: ['GOOGLE_API_KEY', 'GOOGLE_GENAI_USE_GCA', 'GOOGLE_GENAI_USE_VERTEXAI', 'GOOGLE_VERTEX_BASE_URL'],
    }),
    // With a base URL set, it reads the login method only from this file.
    settingsCopy: {
      folder: '.gemini',
      file: 'settings.json',
      variable: 'GEMINI_CLI_HOME',
      below: '.gemini',
      change: (settings, { model }) => ({
        ...settings,
        modelConfigs: {
          ...record(settings.modelConfigs),
          customOverrides: [...list(record(settings.modelConfigs).customOverrides), ...geminiOverrides(model)],
        },
        security: {
          ...record(settings.security),
          auth: { ...record(record(settings.security).auth), selectedType: 'gemini-api-key' },
        },
      }),
    },
    checked: {
      version: '0.61.0',
      date: DATE,
      source: 'geminicli.com/docs, and its source',
      seen: "answered through Gemini's API by launch and connect",
    },
  },
  {
    name: 'opencode',
    title: 'opencode',
    program: 'opencode',
    install: 'npm install -g opencode-ai',
    setup: (access) => ({
      args: [],
      variables: { OPENCODE_CONFIG_CONTENT: JSON.stringify(opencodeConfig(access)), [KEY_VARIABLE]: access.key },
      removed: [],
    }),
    checked: {
      version: '1.18.33',
      date: DATE,
      source: 'opencode.ai/docs/config',
      seen: 'answered through chat completions by launch and connect',
    },
  },
  {
    name: 'aider',
    title: 'Aider',
    program: 'aider',
    install: 'python -m pip install aider-chat',
    // It derives its other models from the name of the first one, such as gpt-5-nano from gpt-5.
    setup: ({ root, key, model }) => ({
      args: ['--model', '--weak-model', '--editor-model'].flatMap((flag) => [flag, `openai/${model}`]),
      variables: { OPENAI_API_BASE: `${root}/v1`, OPENAI_API_KEY: key },
      removed: ['AIDER_MODEL', 'AIDER_OPENAI_API_BASE', 'AIDER_OPENAI_API_KEY', 'OPENAI_BASE_URL'],
    }),
    checked: {
      version: '0.86.2',
      date: DATE,
      source: 'aider.chat/docs/llms/openai-compat.html',
      seen: 'answered through chat completions',
    },
  },
  {
    name: 'qwen',
    title: 'Qwen Code',
    program: 'qwen',
    install: 'npm install -g @qwen-code/qwen-code',
    setup: ({ root, key, model }) => ({
      args: ['--auth-type', 'openai'],
      variables: { OPENAI_BASE_URL: `${root}/v1`, OPENAI_API_KEY: key, OPENAI_MODEL: model },
      removed: ['QWEN_MODEL'],
    }),
    checked: {
      version: '0.24.4',
      date: DATE,
      source: 'github.com/QwenLM/qwen-code, README',
      seen: 'answered through chat completions by launch and connect',
    },
  },
  {
    name: 'copilot',
    title: 'GitHub Copilot CLI',
    program: 'copilot',
    install: 'npm install -g @github/copilot',
    setup: ({ root, key, model }) => ({
      args: [],
      variables: {
        COPILOT_PROVIDER_BASE_URL: `${root}/v1`,
        COPILOT_PROVIDER_TYPE: 'openai',
        COPILOT_PROVIDER_API_KEY: key,
        COPILOT_PROVIDER_WIRE_API: 'responses',
        COPILOT_MODEL: model,
      },
      removed: [
        'COPILOT_PROVIDER_API_KEY_COMMAND',
        'COPILOT_PROVIDER_BEARER_TOKEN',
        'COPILOT_PROVIDER_MODEL_ID',
        'COPILOT_PROVIDER_TRANSPORT',
        'COPILOT_PROVIDER_WIRE_MODEL',
      ],
    }),
    checked: {
      version: '1.0.102',
      date: DATE,
      source: 'copilot help providers',
      seen: 'answered through /v1/responses by launch; without drop_params gpt-4o refuses its reasoning.effort',
    },
  },
  {
    name: 'crush',
    title: 'Crush',
    program: 'crush',
    install: 'npm install -g @charmland/crush',
    setup: ({ key }) => ({ args: [], variables: { [KEY_VARIABLE]: key }, removed: [] }),
    settingsCopy: {
      folder: '.config/crush',
      file: 'crush.json',
      variable: 'CRUSH_GLOBAL_CONFIG',
      below: '',
      change: (settings, access) => ({
        ...settings,
        providers: { ...record(settings.providers), [PROVIDER]: crushProvider(access, `$${KEY_VARIABLE}`) },
        models: { large: chosen(access), small: chosen(access) },
      }),
    },
    checked: {
      version: null,
      date: DATE,
      source: 'github.com/charmbracelet/crush, README and docs/config',
      seen: null,
    },
  },
  {
    name: 'goose',
    title: 'goose',
    program: 'goose',
    install: 'brew install block-goose-cli',
    setup: ({ root, key, model }) => ({
      args: [],
      variables: {
        GOOSE_PROVIDER: 'openai',
        GOOSE_MODEL: model,
        OPENAI_HOST: root,
        OPENAI_BASE_PATH: 'v1/chat/completions',
        OPENAI_API_KEY: key,
      },
      removed: ['GOOSE_LEAD_MODEL', 'GOOSE_LEAD_PROVIDER', 'OPENAI_BASE_URL', 'OPENAI_CUSTOM_HEADERS'],
    }),
    checked: {
      version: null,
      date: DATE,
      source: 'block.github.io/goose/docs/guides/environment-variables',
      seen: null,
    },
  },
];

/** Throws `usage` for an unknown name, with the nearest known one. */
export function agentNamed(name: string): Agent {
  const agent = AGENTS.find((row) => row.name === name);
  if (agent) return agent;
  const names = AGENTS.map((row) => row.name);
  throw new CliError('usage', `Unknown agent "${name}"${didYouMean(name, names)}`, {
    hint: `Use one of ${names.join(', ')}, or start any other program on the gateway: agents-llm run -- COMMAND`,
    details: { agent: name, agents: names },
  });
}

/** A JSON string is also a string of TOML. */
const toml = (text: string) => JSON.stringify(text);

const codexProvider = (root: string) =>
  `{name=${toml(PROVIDER)},base_url=${toml(`${root}/v1`)},env_key=${toml(KEY_VARIABLE)},wire_api="responses"}`;

const opencodeConfig = (access: GatewayAccess) => ({
  model: `${PROVIDER}/${access.model}`,
  small_model: `${PROVIDER}/${access.model}`,
  provider: { [PROVIDER]: opencodeProvider(access, `{env:${KEY_VARIABLE}}`) },
});

const record = (value: unknown) => (isRecord(value) ? value : {});

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const chosen = ({ model }: Pick<GatewayAccess, 'model'>) => ({ provider: PROVIDER, model });
