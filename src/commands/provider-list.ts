import { listCredentials } from '../admin/credentials.ts';
import { cleanMessage } from '../admin/litellm-message.ts';
import { listModels } from '../admin/models.ts';
import { rowsBy } from '../admin/rows-by.ts';
import type { ModelRow } from '../admin/schemas.ts';
import { alignColumns, type Outcome } from '../report.ts';
import type { Invocation } from './invocation.ts';
import { type AdminFlags, openAdmin } from './open-admin.ts';

export interface ProviderRow {
  readonly name: string;
  readonly provider: string | null;
  /** As LiteLLM masks them. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly aliases: readonly string[];
}

export async function runProviderList(
  flags: AdminFlags,
  invocation: Invocation,
): Promise<Outcome<{ providers: ProviderRow[] }>> {
  const { client } = await openAdmin(invocation, flags);
  const [credentials, models] = await Promise.all([listCredentials(client), listModels(client)]);
  const providers = credentials.map(({ credential_name: name, credential_info, credential_values }) => ({
    name,
    provider: typeof credential_info?.custom_llm_provider === 'string' ? credential_info.custom_llm_provider : null,
    values: credential_values ?? {},
    aliases: [...new Set((rowsBy(models, credentialOf).get(name) ?? []).map((row) => row.model_name))],
  }));
  return { data: { providers } };
}

const credentialOf = (row: ModelRow) => row.litellm_params.litellm_credential_name;

export function renderProviders({ providers }: { readonly providers: readonly ProviderRow[] }): string {
  if (providers.length === 0) return 'no provider yet\n';
  const rows = providers.map(({ name, provider, values, aliases }) => [
    name,
    provider ?? '-',
    Object.entries(values)
      .map(([key, value]) => `${key}=${value}`)
      .join(' '),
    aliases.join(', ') || '-',
  ]);
  return `${alignColumns([['NAME', 'PROVIDER', 'VALUES', 'ALIASES'], ...rows.map((row) => row.map(cleanMessage))])}\n`;
}
