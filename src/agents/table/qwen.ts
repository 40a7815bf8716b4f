import type { Agent } from '../agent.ts';

export const qwen: Agent = {
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
    date: '2026-11-28',
    source: 'github.com/QwenLM/qwen-code, README',
    seen: 'answered through chat completions by launch and connect',
  },
};
