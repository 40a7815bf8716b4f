/** The usual variable for each provider key, by LiteLLM's name for the provider. */
export const KEY_VARIABLES: Readonly<Record<string, string>> = {
  openai: 'OPENAI_API_KEY',
  anthropic: 'ANTHROPIC_API_KEY',
  azure: 'AZURE_API_KEY',
  gemini: 'GEMINI_API_KEY',
  mistral: 'MISTRAL_API_KEY',
  groq: 'GROQ_API_KEY',
  deepseek: 'DEEPSEEK_API_KEY',
  openrouter: 'OPENROUTER_API_KEY',
  together_ai: 'TOGETHERAI_API_KEY',
  cohere: 'COHERE_API_KEY',
  xai: 'XAI_API_KEY',
  perplexity: 'PERPLEXITYAI_API_KEY',
};

/** Providers that work without a key. */
export const KEYLESS: ReadonlySet<string> = new Set(['ollama', 'ollama_chat', 'vertex_ai', 'bedrock']);

/** The first known provider whose variable is set, with that variable. */
export function providerOfEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): { readonly provider: string; readonly variable: string } | undefined {
  const found = Object.entries(KEY_VARIABLES).find(([, variable]) => env[variable]);
  return found && { provider: found[0], variable: found[1] };
}
