import { join } from 'node:path';
import type { Context } from '../../context/context.ts';
import { CliError } from '../../model/errors.ts';
import { didYouMean } from '../../text/similar-name.ts';
import type { GatewayAccess } from '../agent.ts';
import { agentNamed } from '../agents.ts';
import { crushProvider, geminiOverrides, opencodeProvider, PROVIDER } from '../gateway-provider.ts';
import type { Setting, SettingsFile } from './settings-file.ts';

type Place = Pick<Context, 'env' | 'home'>;

/** How an agent's own settings are written, or why they cannot be. */
type Connection =
  | { readonly title: string; readonly files: (access: GatewayAccess, place: Place) => readonly SettingsFile[] }
  | { readonly title: string; readonly impossible: string; readonly instead: string };

/** The agents that can be connected, and those that cannot, with the reason. */
const CONNECTIONS: Readonly<Record<string, Connection>> = {
  claude: {
    title: 'Claude Code',
    files(access, { env, home }) {
      const { variables, removed } = agentNamed('claude').setup(access);
      const inEnv = ([name, value]: readonly [string, string | undefined]): Setting => ({ path: ['env', name], value });
      return [
        {
          path: join(env.CLAUDE_CONFIG_DIR || join(home, '.claude'), 'settings.json'),
          format: 'json',
          // Claude Code ignores a file with comments without a word.
          accepted: { comments: false, trailingCommas: false },
          settings: [...Object.entries(variables), ...removed.map((name) => [name, undefined] as const)].map(inEnv),
        },
      ];
    },
  },
  codex: {
    title: 'Codex CLI',
    files: ({ root, key, model, limits }, { env, home }) => [
      {
        path: join(env.CODEX_HOME || join(home, '.codex'), 'config.toml'),
        format: 'toml',
        settings: [
          { path: ['model'], value: model },
          { path: ['model_provider'], value: PROVIDER },
          ...(limits ? [{ path: ['model_context_window'], value: limits.context }] : []),
          {
            path: ['model_providers', PROVIDER],
            value: {
              name: PROVIDER,
              base_url: `${root}/v1`,
              wire_api: 'responses',
              experimental_bearer_token: key,
            },
          },
        ],
      },
    ],
  },
  gemini: {
    title: 'Gemini CLI',
    files(access, { env, home }) {
      const folder = join(env.GEMINI_CLI_HOME || home, '.gemini');
      const variables = Object.entries(agentNamed('gemini').setup(access).variables);
      return [
        {
          path: join(folder, 'settings.json'),
          format: 'json',
          accepted: { comments: true, trailingCommas: false },
          settings: [
            { path: ['security', 'auth', 'selectedType'], value: 'gemini-api-key' },
            { path: ['modelConfigs', 'customOverrides'], value: geminiOverrides(access.model) },
          ],
        },
        {
          path: join(folder, '.env'),
          format: 'dotenv',
          settings: variables.map(([name, value]) => ({ path: [name], value })),
        },
      ];
    },
  },
  opencode: {
    title: 'opencode',
    files: ({ root, key, model, limits }, { env, home }) => [
      {
        path: join(env.XDG_CONFIG_HOME || join(home, '.config'), 'opencode', 'opencode.json'),
        format: 'json',
        settings: [
          { path: ['model'], value: `${PROVIDER}/${model}` },
          { path: ['small_model'], value: `${PROVIDER}/${model}` },
          { path: ['provider', PROVIDER], value: opencodeProvider({ root, model, limits }, key) },
        ],
      },
    ],
  },
  aider: {
    title: 'Aider',
    files: ({ root, key, model }, { home }) => [
      {
        path: join(home, '.aider.conf.yml'),
        format: 'yaml',
        settings: [
          ...['model', 'weak-model', 'editor-model'].map((name) => ({ path: [name], value: `openai/${model}` })),
          { path: ['openai-api-base'], value: `${root}/v1` },
          { path: ['openai-api-key'], value: key },
        ],
      },
    ],
  },
  qwen: {
    title: 'Qwen Code',
    files: ({ root, key, model }, { env, home }) => [
      {
        path: join(env.QWEN_HOME || join(home, '.qwen'), 'settings.json'),
        format: 'json',
        accepted: { comments: true, trailingCommas: false },
        settings: [
          { path: ['security', 'auth', 'selectedType'], value: 'openai' },
          { path: ['security', 'auth', 'baseUrl'], value: `${root}/v1` },
          { path: ['security', 'auth', 'apiKey'], value: key },
          { path: ['model', 'name'], value: model },
        ],
      },
    ],
  },
  crush: {
    title: 'Crush',
    files: ({ root, key, model, limits }, { env, home }) => [
      {
        path: join(env.XDG_CONFIG_HOME || join(home, '.config'), 'crush', 'crush.json'),
        format: 'json',
        settings: [
          { path: ['providers', PROVIDER], value: crushProvider({ root, model, limits }, key) },
          { path: ['models', 'large'], value: { provider: PROVIDER, model } },
          { path: ['models', 'small'], value: { provider: PROVIDER, model } },
        ],
      },
    ],
  },
  continue: {
    title: 'Continue',
    files: ({ root, key, model }, { home }) => [
      {
        path: join(home, '.continue', 'config.yaml'),
        format: 'yaml',
        settings: [
          {
            path: ['models', { name: PROVIDER }],
            value: {
              name: PROVIDER,
              provider: 'openai',
              model,
              apiBase: `${root}/v1`,
              apiKey: key,
              roles: ['chat', 'edit', 'apply'],
            },
          },
        ],
      },
    ],
  },
  copilot: {
    title: 'GitHub Copilot CLI',
    impossible: 'it reads its provider from environment variables alone',
    instead: 'Start it on the gateway: agents-llm launch copilot',
  },
  goose: {
    title: 'goose',
    impossible: "it keeps its keys in the system's keyring",
    instead: 'Start it on the gateway: agents-llm launch goose',
  },
  cursor: {
    title: 'Cursor',
    impossible: "its requests come from Cursor's own servers, which cannot reach a gateway on this machine",
    instead: 'Use an agent that calls the gateway itself: agents-llm launch --list',
  },
  cline: {
    title: 'Cline',
    impossible: 'it keeps its settings in the storage of the editor',
    instead: 'In its settings, choose "OpenAI Compatible" and enter what this prints: agents-llm env',
  },
};

export interface Connectable {
  readonly name: string;
  readonly title: string;
  readonly files: (access: GatewayAccess, place: Place) => readonly SettingsFile[];
}

/** Throws `usage` for an agent that cannot be connected, with the reason. */
export function connectable(name: string): Connectable {
  const connection = Object.hasOwn(CONNECTIONS, name) ? CONNECTIONS[name] : undefined;
  if (connection === undefined) throw unknown(name);
  if ('files' in connection) return { name, ...connection };
  throw new CliError('usage', `${connection.title} cannot be connected, because ${connection.impossible}`, {
    hint: connection.instead,
    details: { agent: name },
  });
}

/** The display name; the name itself if this version does not know the agent. */
export const titleOf = (name: string): string =>
  (Object.hasOwn(CONNECTIONS, name) ? CONNECTIONS[name]?.title : undefined) ?? name;

/** As given to `connect`. */
export const connectableNames = (): readonly string[] =>
  Object.entries(CONNECTIONS).flatMap(([name, connection]) => ('files' in connection ? [name] : []));

function unknown(name: string): CliError {
  const names = connectableNames();
  return new CliError('usage', `Unknown agent "${name}"${didYouMean(name, Object.keys(CONNECTIONS))}`, {
    hint: `Use one of ${names.join(', ')}`,
    details: { agent: name, agents: names },
  });
}
