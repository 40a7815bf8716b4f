import type { Admin } from '../admin/admin.ts';
import type { AdminClient } from '../admin/client.ts';
import { deleteKey, findKeys, isExpired, listKeys } from '../admin/keys.ts';
import type { KeyRow } from '../admin/schemas.ts';

export interface VirtualKey {
  readonly alias: string | null;
  /** LiteLLM's masked form. */
  readonly key: string | null;
  readonly models: readonly string[];
  /** US dollars; up to ten seconds old. */
  readonly spend: number;
  readonly maxBudget: number | null;
  /** RFC 3339, or null if it never expires. */
  readonly expires: string | null;
  readonly state: 'valid' | 'expired' | 'blocked';
  readonly owner: string | null;
}

export async function virtualKeys(client: AdminClient, now: number): Promise<VirtualKey[]> {
  return (await listKeys(client)).map((row) => viewOf(row, now));
}

function viewOf(row: KeyRow, now: number): VirtualKey {
  return {
    alias: row.key_alias ?? null,
    key: row.key_name ?? null,
    models: row.models ?? [],
    spend: row.spend ?? 0,
    maxBudget: row.max_budget ?? null,
    expires: row.expires ?? null,
    state: row.blocked ? 'blocked' : isExpired(row, now) ? 'expired' : 'valid',
    owner: ownerOf(row.metadata?.agents_llm_host) ?? row.user_id ?? row.team_id ?? row.created_by ?? null,
  };
}

const ownerOf = (host: unknown) => (typeof host === 'string' ? `agents-llm on ${host}` : undefined);

export interface RevokedKey {
  readonly name: string;
  readonly change: 'removed' | 'unchanged';
}

/** Deletes the keys and their saved copies. */
export async function revokeKeys({ client, kept }: Admin, aliases: readonly string[]): Promise<RevokedKey[]> {
  const revoked: RevokedKey[] = [];
  for (const name of new Set(aliases)) {
    const rows = await findKeys(client, name);
    for (const { token } of rows) await deleteKey(client, token);
    await kept.remove(name);
    revoked.push({ name, change: rows.length > 0 ? 'removed' : 'unchanged' });
  }
  return revoked;
}
