import type { Agent } from '../agent.ts';

export const goose: Agent = {
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
    date: '2026-11-28',
    source: 'block.github.io/goose/docs/guides/environment-variables',
    seen: null,
  },
};
