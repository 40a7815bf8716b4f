import type { AdminClient } from './client.ts';
import { listCredentials } from './credentials.ts';
import { listModels } from './models.ts';
import { rowsBy } from './rows-by.ts';
import type { ModelRow } from './schemas.ts';

export interface ProviderRow {
  readonly name: string;
  readonly provider: string | null;
  /** As LiteLLM masks them. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The aliases that use it. */
  readonly aliases: readonly string[];
}

export async function listProviders(client: AdminClient): Promise<ProviderRow[]> {
  const [credentials, models] = await Promise.all([listCredentials(client), listModels(client)]);
  const users = rowsBy(models, credentialOf);
  return credentials.map(({ credential_name: name, credential_info: info, credential_values: values }) => ({
    name,
    provider: typeof info?.custom_llm_provider === 'string' ? info.custom_llm_provider : null,
    values: values ?? {},
    aliases: [...new Set((users.get(name) ?? []).map((row) => row.model_name))],
  }));
}

const credentialOf = (row: ModelRow) => row.litellm_params.litellm_credential_name;
