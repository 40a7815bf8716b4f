import * as z from 'zod/mini';
import type { AdminClient } from './client.ts';
import { listCredentials } from './credentials.ts';
import { listKeys } from './keys.ts';
import { listModels } from './models.ts';

const TEAMS = z.array(z.object({ team_id: z.string() }));

/** All that the proxy shows of what users made, to compare with what its database holds. */
export async function readShownData(client: AdminClient) {
  const [credentials, models, keys, teams] = await Promise.all([
    listCredentials(client),
    listModels(client),
    listKeys(client),
    client.fetch(TEAMS, { method: 'GET', path: '/team/list' }),
  ]);
  return {
    providers: credentials.map((row) => ({ name: row.credential_name, values: row.credential_values ?? {} })),
    aliases: models.map((row) => ({ id: row.model_info.id })),
    keys: keys.map((row) => ({ id: row.token })),
    teams: teams.map((row) => ({ id: row.team_id })),
  };
}
