import type { Agent, GatewayAccess } from '../agent.ts';
import { KEY_VARIABLE, opencodeProvider, PROVIDER } from '../gateway-provider.ts';

export const opencode: Agent = {
  name: 'opencode',
  title: 'opencode',
  program: 'opencode',
  install: 'npm install -g opencode-ai',
  setup: (access) => ({
    args: [],
    variables: { OPENCODE_CONFIG_CONTENT: JSON.stringify(config(access)), [KEY_VARIABLE]: access.key },
    removed: [],
  }),
  checked: {
    version: '1.18.33',
    date: '2026-11-28',
    source: 'opencode.ai/docs/config',
    seen: 'answered through chat completions by launch and connect',
  },
};

const config = (access: GatewayAccess) => ({
  model: `${PROVIDER}/${access.model}`,
  small_model: `${PROVIDER}/${access.model}`,
  provider: { [PROVIDER]: opencodeProvider(access, `{env:${KEY_VARIABLE}}`) },
});
