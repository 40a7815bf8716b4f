import { join } from 'node:path';
import type { Agent } from '../agent.ts';

export const claude: Agent = {
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
  overridingSettings: {
    files: ({ cwd, env, home }) => [
      join(env.CLAUDE_CONFIG_DIR || join(home, '.claude'), 'settings.json'),
      join(cwd, '.claude', 'settings.json'),
      join(cwd, '.claude', 'settings.local.json'),
    ],
    option: '--settings',
  },
  checked: {
    version: '2.1.332',
    date: '2026-11-28',
    source: 'code.claude.com/docs/en/llm-gateway',
    seen: 'answered through /v1/messages by launch and connect',
  },
};
