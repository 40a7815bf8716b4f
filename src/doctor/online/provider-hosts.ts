import type { CredentialRow, ModelRow } from '../../litellm/admin/schemas.ts';

/** Where LiteLLM reaches a provider whose address nobody has given. */
const DEFAULT_HOSTS: Readonly<Record<string, string>> = {
  openai: 'https://api.openai.com',
  anthropic: 'https://api.anthropic.com',
  gemini: 'https://generativelanguage.googleapis.com',
  mistral: 'https://api.mistral.ai',
  groq: 'https://api.groq.com',
  deepseek: 'https://api.deepseek.com',
  openrouter: 'https://openrouter.ai',
  together_ai: 'https://api.together.xyz',
  cohere: 'https://api.cohere.com',
  xai: 'https://api.x.ai',
  perplexity: 'https://api.perplexity.ai',
  fireworks_ai: 'https://api.fireworks.ai',
  cerebras: 'https://api.cerebras.ai',
};

type Values = Readonly<Record<string, unknown>>;

/** The origins that providers and aliases send requests to, each once. */
export function providerHosts(models: readonly ModelRow[], credentials: readonly CredentialRow[]): readonly string[] {
  const byName = new Map(credentials.map((row) => [row.credential_name, row]));
  const ofAliases = models
    .filter(({ litellm_params: params }) => params.mock_response === undefined)
    .map(({ litellm_params: params }) => {
      const credential = byName.get(String(params.litellm_credential_name));
      const kind = /^([\w-]+)\//.exec(String(params.model))?.[1] ?? params.custom_llm_provider;
      return originOf(credential, params, kind);
    });
  const all = [...ofAliases, ...credentials.map((row) => originOf(row, {}, undefined))];
  return [...new Set(all.filter((origin) => origin !== undefined))];
}

function originOf(credential: CredentialRow | undefined, params: Values, kind: unknown): string | undefined {
  const values = { ...credential?.credential_values, ...params };
  const provider = kind ?? credential?.credential_info?.custom_llm_provider;
  if (typeof values.api_base === 'string') return webOrigin(values.api_base);
  if (provider === 'bedrock' && typeof values.aws_region_name === 'string') {
    return webOrigin(`https://bedrock-runtime.${values.aws_region_name}.amazonaws.com`);
  }
  return typeof provider === 'string' && Object.hasOwn(DEFAULT_HOSTS, provider) ? DEFAULT_HOSTS[provider] : undefined;
}

/** Without a login and a path; undefined for a reference such as `os.environ/NAME`. */
function webOrigin(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, host } = new URL(address);
  return /^https?:$/.test(protocol) ? `${protocol}//${host}` : undefined;
}
