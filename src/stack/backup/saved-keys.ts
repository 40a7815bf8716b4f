import * as z from 'zod/mini';
import { keyHash } from '../../litellm/admin/keys.ts';
import type { KeptKeyFiles } from '../../litellm/keys/kept-keys.ts';
import { Secret } from '../../model/secret.ts';
import { parseDotenv, setValue } from '../../text/dotenv.ts';
import { jsonAs } from '../../text/json.ts';
import type { DataRows } from '../data/data-rows.ts';

/** In the copy of `.env` beside an archive: base64url of JSON, since values there know few characters. */
const VARIABLE = 'AGENTS_LLM_VIRTUAL_KEYS';
const SAVED = z.array(z.object({ alias: z.string(), key: z.string() }));

/** The text of a `.env`, with the virtual keys that are kept here: the archive has their hashes alone. */
export async function withKeptKeys(text: string, kept: Pick<KeptKeyFiles, 'list'>): Promise<string> {
  const keys = (await kept.list()).map(({ alias, key }) => ({ alias, key: key.reveal() }));
  return keys.length === 0 ? text : setValue(text, VARIABLE, Buffer.from(JSON.stringify(keys)).toString('base64url'));
}

/** Keeps the saved ones that are in the restored data, and no others; gives the aliases of those that are forgotten. */
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

/** None where there are none, or the file is something else: whatever was restored is worth more than they are. */
function parse(text: string): z.infer<typeof SAVED> {
  const dotenv = parseDotenv(text);
  const value = dotenv.ok ? dotenv.values.get(VARIABLE) : undefined;
  return value === undefined ? [] : (jsonAs(SAVED, Buffer.from(value, 'base64url').toString()) ?? []);
}
