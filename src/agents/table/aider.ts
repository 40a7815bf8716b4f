import type { Agent } from '../agent.ts';

export const aider: Agent = {
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
    date: '2026-11-28',
    source: 'aider.chat/docs/llms/openai-compat.html',
    seen: 'answered through chat completions',
  },
};
