import type { Agent } from '../agent.ts';
import { KEY_VARIABLE, PROVIDER } from '../gateway-provider.ts';

export const codex: Agent = {
  name: 'codex',
  title: 'Codex CLI',
  program: 'codex',
  install: 'npm install -g @openai/codex',
  // It ignores OPENAI_BASE_URL (openai/codex#16719) and only uses the Responses API.
  setup: ({ root, key, model, limits }) => ({
    args: [
      ...['-c', `model_provider=${toml(PROVIDER)}`],
      ...['-c', `model_providers.${PROVIDER}=${providerTable(root)}`],
      ...['-c', `model=${toml(model)}`],
      ...(limits ? ['-c', `model_context_window=${limits.context}`] : []),
    ],
    variables: { [KEY_VARIABLE]: key },
    removed: ['CODEX_API_KEY'],
  }),
  checked: {
    version: '0.171.0',
    date: '2026-11-28',
    source: 'github.com/openai/codex, docs/config.md',
    seen: 'answered through /v1/responses by launch and connect',
  },
};

/** A JSON string is also a string of TOML. */
const toml = (text: string) => JSON.stringify(text);

const providerTable = (root: string) =>
  `{name=${toml(PROVIDER)},base_url=${toml(`${root}/v1`)},env_key=${toml(KEY_VARIABLE)},wire_api="responses"}`;
