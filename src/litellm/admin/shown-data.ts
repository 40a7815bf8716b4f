import * as z from 'zod/mini';
import type { AdminClient } from './client.ts';
import { listCredentials } from './credentials.ts';
import { listKeys } from './keys.ts';
import { listModels } from './models.ts';
import type { CredentialRow, KeyRow, ModelRow } from './schemas.ts';

const TEAMS = z.array(z.object({ team_id: z.string() }));

/** Everything that users created, as LiteLLM shows it, to compare with its database. */
export async function readShownData(client: AdminClient) {
  const [credentials, models, keys, teams] = await Promise.all([
    listCredentials(client),
    listModels(client),
    listKeys(client),
    listTeams(client),
  ]);
  return shownData({ credentials, models, keys, teams });
}

export function listTeams(client: AdminClient): Promise<readonly { readonly team_id: string }[]> {
  return client.fetch(TEAMS, { method: 'GET', path: '/team/list' });
}

/** The listed rows in the terms of the database. */
export function shownData({
  credentials,
  models,
  keys,
  teams,
}: {
  readonly credentials: readonly CredentialRow[];
  readonly models: readonly ModelRow[];
  readonly keys: readonly KeyRow[];
  readonly teams: readonly { readonly team_id: string }[];
}) {
  return {
    providers: credentials.map((row) => ({ name: row.credential_name, values: row.credential_values ?? {} })),
    // Models of a configuration file are not in the database.
    aliases: models
      .filter(({ model_info }) => model_info.db_model !== false)
      .map(({ model_name, model_info, litellm_params: { litellm_credential_name: provider } }) => ({
        id: model_info.id,
        name: model_name,
        provider: typeof provider === 'string' ? provider : null,
      })),
    keys: keys.map((row) => ({ id: row.token })),
    teams: teams.map((row) => ({ id: row.team_id })),
  };
}
