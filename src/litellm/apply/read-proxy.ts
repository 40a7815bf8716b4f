import type { Admin } from '../admin/admin.ts';
import { listCredentials } from '../admin/credentials.ts';
import { keyAlias, keyHash, listKeys } from '../admin/keys.ts';
import { listModels, servedAliases } from '../admin/models.ts';
import { rowsBy } from '../admin/rows-by.ts';
import type { KeyRow } from '../admin/schemas.ts';
import { listFallbacks } from '../aliases/fallbacks.ts';
import { isOfHost, keptByNow } from '../keys/provision-key.ts';
import type { Seen, Wanted } from './plan.ts';

/** Everything that LiteLLM has, and which of the wanted keys are saved here. */
export async function readProxy(admin: Admin, wanted: Pick<Wanted, 'keys'>): Promise<Omit<Seen, 'envFiles'>> {
  const { client, host } = admin;
  const [credentials, models, served, fallbacks, keys] = await Promise.all([
    listCredentials(client),
    listModels(client),
    servedAliases(client),
    listFallbacks(client),
    listKeys(client),
  ]);
  const kept = new Map<string, string>();
  for (const { wish } of wanted.keys) {
    const row = rowsBy(keys, keyAlias).get(wish.alias)?.[0];
    const hash = await keptHash(admin, wish.alias, row);
    if (hash !== undefined) kept.set(wish.alias, hash);
  }
  return { credentials, models, served, fallbacks, keys, kept, host, now: client.clock.now() };
}

/** Waits for a key that another command is creating at this moment. */
async function keptHash(admin: Admin, alias: string, row: KeyRow | undefined): Promise<string | undefined> {
  const key = await admin.kept.read(alias);
  const hash = key && keyHash(key);
  if (!row || hash === row.token || !isOfHost(row, admin.host)) return hash;
  return (await keptByNow(admin, alias, row)) ? row.token : hash;
}
