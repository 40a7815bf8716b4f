import * as z from 'zod/mini';
import { keyHash } from '../../litellm/admin/keys.ts';
import type { KeptKeyFiles } from '../../litellm/keys/kept-keys.ts';
import { Secret } from '../../model/secret.ts';
import { jsonAs } from '../../text/json.ts';
import type { DataRows } from '../data/data-rows.ts';
import { embeddedJson, embedJson } from './embedded-json.ts';

const VARIABLE = 'AGENTS_LLM_VIRTUAL_KEYS';
const SAVED = z.array(z.object({ alias: z.string(), key: z.string() }));

/** The text of a `.env` with the saved virtual keys, because the archive contains only their hashes. */
export async function withKeptKeys(text: string, kept: Pick<KeptKeyFiles, 'list'>): Promise<string> {
  const keys = (await kept.list()).map(({ alias, key }) => ({ alias, key: key.reveal() }));
  return keys.length === 0 ? text : embedJson(text, VARIABLE, JSON.stringify(keys));
}

/** Saves the keys that the restored data contains and removes all others. Returns the aliases of the removed ones. */
export async function restoreKeys(
  text: string,
  kept: KeptKeyFiles,
  { keys: rows }: Pick<DataRows, 'keys'>,
): Promise<readonly string[]> {
  const restored = new Set(rows.map(({ id }) => id));
  for (const { alias, key } of parseKeys(text)) {
    const secret = new Secret(key);
    if (restored.has(keyHash(secret))) await kept.write(alias, secret);
  }
  const removed = (await kept.list()).filter(({ hash }) => !restored.has(hash)).map(({ alias }) => alias);
  for (const alias of removed) await kept.remove(alias);
  return removed;
}

/** Empty if the file has no keys or is another program's, because the restored data matters more. */
function parseKeys(text: string): z.infer<typeof SAVED> {
  return jsonAs(SAVED, embeddedJson(text, VARIABLE) ?? '') ?? [];
}
