/** The gateway's name among an agent's providers. */
export const PROVIDER = 'agents-llm';

interface Reached {
  /** Without a path: `http://127.0.0.1:4000`. */
  readonly root: string;
  readonly model: string;
}

/** The gateway in the terms of opencode; `apiKey` is the key itself or how opencode finds it. */
export const opencodeProvider = ({ root, model }: Reached, apiKey: string) => ({
  npm: '@ai-sdk/openai-compatible',
  name: PROVIDER,
  options: { baseURL: `${root}/v1`, apiKey },
  models: { [model]: { name: model } },
});

/** The gateway in the terms of Crush; `apiKey` is the key itself or how Crush finds it. */
export const crushProvider = ({ root, model }: Reached, apiKey: string) => ({
  name: PROVIDER,
  type: 'openai-compat',
  base_url: `${root}/v1`,
  api_key: apiKey,
  models: [{ id: model, name: model, context_window: 128_000, default_max_tokens: 8192 }],
});
