import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { CliError } from '../../model/errors.ts';
import { isSafeValue, Secret } from '../../model/secret.ts';
import { allPages } from './all-pages.ts';
import type { AdminClient } from './client.ts';
import {
  GENERATED_KEY,
  KEY_ALIASES,
  KEY_PAGE,
  KEY_REQUEST,
  KEY_UPDATE,
  type KeyChanges,
  type KeyLimits,
  type KeyRow,
} from './schemas.ts';
import { rejected } from './transport-errors.ts';

export interface GeneratedKey {
  readonly key: Secret;
  /** RFC 3339, or null if it never expires. */
  readonly expires: string | null;
}

/** LiteLLM's limit; it answers 422 for more. */
const PAGE_SIZE = 100;

const LONGEST_KEY = 500;

const LOOKUP = 'agents-llm key list';

/** All keys, page by page. */
export async function listKeys(client: AdminClient): Promise<readonly KeyRow[]> {
  return allPages(
    client,
    ({ token }) => token,
    async (page) => {
      const query = `return_full_object=true&size=${PAGE_SIZE}&page=${page}`;
      const { keys, total_pages } = await client.fetch(KEY_PAGE, { method: 'GET', path: `/key/list?${query}` });
      return { rows: keys, pages: total_pages };
    },
  );
}

export const keyAlias = ({ key_alias }: KeyRow) => key_alias;

/** Only the aliases of all keys, in a quarter of the time of `listKeys`. */
export async function listKeyAliases(client: AdminClient): Promise<readonly string[]> {
  return allPages(
    client,
    (alias) => alias,
    async (page) => {
      const call = { method: 'GET', path: `/key/aliases?size=${PAGE_SIZE}&page=${page}` } as const;
      const { aliases, total_pages } = await client.fetch(KEY_ALIASES, call);
      return { rows: aliases, pages: total_pages };
    },
  );
}

/** All keys with that alias. LiteLLM creates several if it is asked at the same time. */
export async function findKeys(client: AdminClient, alias: string): Promise<readonly KeyRow[]> {
  const path = `/key/list?key_alias=${encodeURIComponent(alias)}&return_full_object=true&size=${PAGE_SIZE}`;
  const { keys } = await client.fetch(KEY_PAGE, { method: 'GET', path });
  return keys.filter((key) => key.key_alias === alias);
}

/** `taken` if a key with that alias exists already. Ctrl-C does not interrupt it, because only the response contains the key. */
export async function generateKey(
  client: AdminClient,
  alias: string,
  limits: KeyLimits,
): Promise<GeneratedKey | 'taken'> {
  const body = z.parse(KEY_REQUEST, { ...limits, key_alias: alias });
  const call = { method: 'POST', path: '/key/generate', body, lookup: LOOKUP, whole: true } as const;
  const answer = await client.call(call);
  if (answer.status === 400 && /already exists/i.test(answer.message)) return 'taken';
  if (!answer.ok) throw rejected(call, answer);
  const made = z.safeParse(GENERATED_KEY, answer.body).data;
  if (!made)
    throw new CliError('not_litellm', 'LiteLLM created a key but did not return it', {
      hint: `Check which keys exist: ${LOOKUP}`,
    });
  // Checked because it goes into shells, files and environments.
  if (!isSafeValue(made.key) || made.key.length > LONGEST_KEY) {
    throw new CliError('not_litellm', 'LiteLLM returned a key that contains what its keys never contain', {
      hint: `Do not use it, and check which keys exist: ${LOOKUP}`,
      details: { alias },
    });
  }
  return { key: new Secret(made.key), expires: made.expires ?? null };
}

/** By hash, because versions before 1.103 cannot update by alias. */
export async function updateKey(client: AdminClient, hash: string, limits: KeyChanges): Promise<void> {
  const body = z.parse(KEY_UPDATE, { ...limits, key: hash });
  const call = { method: 'POST', path: '/key/update', body, lookup: LOOKUP } as const;
  const answer = await client.call(call);
  if (!answer.ok) throw rejected(call, answer);
}

/** Succeeds if the key does not exist. */
export async function deleteKey(client: AdminClient, hash: string): Promise<void> {
  const call = { method: 'POST', path: '/key/delete', body: { keys: [hash] }, lookup: LOOKUP } as const;
  const answer = await client.call(call);
  if (!answer.ok && answer.status !== 404) throw rejected(call, answer);
}

export function isExpired(row: Pick<KeyRow, 'expires'>, now: number): boolean {
  return row.expires != null && Date.parse(row.expires) <= now;
}

/** Throws `team_unknown`, because LiteLLM would accept any text. */
export async function requireTeam(client: AdminClient, id: string): Promise<void> {
  const call = { method: 'GET', path: `/team/info?team_id=${encodeURIComponent(id)}` } as const;
  const answer = await client.call(call);
  if (answer.ok) return;
  if (answer.status !== 404) throw rejected(call, answer);
  throw new CliError('team_unknown', `LiteLLM has no team "${id}"`, {
    hint: 'Create the team in the UI, or omit --team-id',
  });
}

/** The hash under which LiteLLM lists a key. */
export function keyHash(key: Secret): string {
  return createHash('sha256').update(key.reveal()).digest('hex');
}
