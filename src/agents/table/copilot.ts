import type { Agent } from '../agent.ts';

export const copilot: Agent = {
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
    date: '2026-11-28',
    source: 'copilot help providers',
    seen: 'answered through /v1/responses by launch; without drop_params gpt-4o refuses its reasoning.effort',
  },
};
