import * as z from 'zod/mini';
import { keyHash } from '../../litellm/admin/keys.ts';
import type { KeptKeyFiles } from '../../litellm/keys/kept-keys.ts';
import { Secret } from '../../model/secret.ts';
import { parseDotenv, setValue } from '../../text/dotenv.ts';
import { jsonAs } from '../../text/json.ts';
import type { DataRows } from '../data/data-rows.ts';

/** In the copy of `.env` beside an archive: base64url of JSON, because values there allow few characters. */
const VARIABLE = 'AGENTS_LLM_VIRTUAL_KEYS';
const SAVED = z.array(z.object({ alias: z.string(), key: z.string() }));

/** The text of a `.env` with the saved virtual keys, because the archive contains only their hashes. */
export async function withKeptKeys(text: string, kept: Pick<KeptKeyFiles, 'list'>): Promise<string> {
  const keys = (await kept.list()).map(({ alias, key }) => ({ alias, key: key.reveal() }));
  return keys.length === 0 ? text : setValue(text, VARIABLE, Buffer.from(JSON.stringify(keys)).toString('base64url'));
}

/** Saves the keys that the restored data contains and removes all others; returns the aliases of those. */
export async function keepKeysOfData(
  text: string,
  kept: KeptKeyFiles,
  { keys: rows }: Pick<DataRows, 'keys'>,
): Promise<readonly string[]> {
  const known = new Set(rows.map(({ id }) => id));
  for (const { alias, key } of parse(text)) {
    const secret = new Secret(key);
    if (known.has(keyHash(secret))) await kept.write(alias, secret);
  }
  const unknown = (await kept.list()).filter(({ hash }) => !known.has(hash)).map(({ alias }) => alias);
  for (const alias of unknown) await kept.remove(alias);
  return unknown;
}

/** Empty when the file contains none or is another program's: the restored data matters more. */
function parse(text: string): z.infer<typeof SAVED> {
  const dotenv = parseDotenv(text);
  const value = dotenv.ok ? dotenv.values.get(VARIABLE) : undefined;
  return value === undefined ? [] : (jsonAs(SAVED, Buffer.from(value, 'base64url').toString()) ?? []);
}
