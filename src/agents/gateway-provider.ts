import type { GatewayAccess } from './agent.ts';

/** The gateway's name among an agent's providers. */
export const PROVIDER = 'agents-llm';

/** Holds the virtual key for agents that accept any variable name, so that the user's own `OPENAI_API_KEY` is untouched. */
export const KEY_VARIABLE = 'AGENTS_LLM_API_KEY';

type Reached = Pick<GatewayAccess, 'root' | 'model' | 'limits'>;

/** The gateway as a provider of opencode; `apiKey` is the key or a reference to it. */
export const opencodeProvider = ({ root, model, limits }: Reached, apiKey: string) => ({
  npm: '@ai-sdk/openai-compatible',
  name: PROVIDER,
  options: { baseURL: `${root}/v1`, apiKey },
  models: { [model]: { name: model, ...(limits && { limit: limits }) } },
});

/** The gateway as a provider of Crush; `apiKey` is the key or a reference to it. */
export const crushProvider = ({ root, model, limits }: Reached, apiKey: string) => ({
  name: PROVIDER,
  type: 'openai-compat',
  base_url: `${root}/v1`,
  api_key: apiKey,
  models: [{ id: model, name: model, context_window: limits?.context ?? 128_000, default_max_tokens: 8192 }],
});

/** Models that Gemini CLI 0.61.0 requests by itself: to summarise a conversation, correct an edit or detect loops. */
const GEMINI_MODELS = [
  'flash-lite',
  'gemini-2.5-flash',
  'gemini-2.5-flash-lite',
  'gemini-2.5-pro',
  'gemini-3-flash-preview',
  'gemini-3-pro-preview',
  'gemini-3.1-flash-lite',
  'gemini-3.1-flash-lite-preview',
  'gemini-3.1-pro-preview',
  'gemini-3.1-pro-preview-customtools',
  'gemini-3.5-flash',
  'gemini-3.5-flash-lite',
  'gemini-3.8-flash',
];

/** Settings that make the Gemini CLI request the alias instead. */
export const geminiOverrides = (model: string) =>
  GEMINI_MODELS.map((name) => ({ match: { model: name }, modelConfig: { model } }));
