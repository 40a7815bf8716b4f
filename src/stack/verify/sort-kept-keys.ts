import { commandLine } from '../../model/settings.ts';
import type { Database } from '../../runtime/runtime.ts';
import type { KeptKey } from '../data/data-losses.ts';
import { type DataRows, readDeletedKeys } from '../data/data-rows.ts';

/** A saved virtual key that was deleted or replaced in LiteLLM on purpose: no loss. */
export interface EndedKey {
  readonly seen: string;
  readonly fix: string;
}

export interface SortedKeys {
  /** Keys that the database must contain. */
  readonly wanted: readonly KeptKey[];
  /** Keys that were deleted or replaced in LiteLLM, for example in its UI. */
  readonly ended: readonly EndedKey[];
}

/** A key that is missing without a trace is wanted, so that an emptied table is noticed. */
export async function sortKeptKeys(
  { sql }: Pick<Database, 'sql'>,
  { keys: rows }: Pick<DataRows, 'keys'>,
  kept: readonly KeptKey[],
  project: string,
): Promise<SortedKeys> {
  const [ids, names] = [new Set(rows.map(({ id }) => id)), new Set(rows.map(({ name }) => name))];
  const gone = kept.filter(({ hash }) => !ids.has(hash));
  if (gone.length === 0) return { wanted: kept, ended: [] };
  const deleted = (await sql(readDeletedKeys(gone.map(({ hash }) => hash)))).split('\n');
  const replaced = gone.filter(({ alias }) => names.has(alias));
  const revoked = gone.filter((key) => !replaced.includes(key) && deleted.includes(key.hash));
  return {
    wanted: kept.filter((key) => !replaced.includes(key) && !revoked.includes(key)),
    ended: [
      ...replaced.map(({ alias }) => ({
        seen: `The saved virtual key ${alias} was replaced in LiteLLM`,
        fix: `Create a new one: ${commandLine(project, `provision-key --alias ${alias} --rotate`)}`,
      })),
      ...revoked.map(({ alias }) => ({
        seen: `The saved virtual key ${alias} was deleted in LiteLLM`,
        fix: `Create a new one: ${commandLine(project, `provision-key --alias ${alias}`)}, or remove the saved copy: ${commandLine(project, `key revoke ${alias}`)}`,
      })),
    ],
  };
}
