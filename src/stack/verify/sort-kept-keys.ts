import { commandLine } from '../../model/settings.ts';
import type { Database } from '../../runtime/runtime.ts';
import type { KeptKey } from '../data/data-losses.ts';
import { type DataRows, readDeletedKeys } from '../data/data-rows.ts';

/** A kept key that is no longer valid, because somebody wanted it so: no loss. */
export interface EndedKey {
  readonly seen: string;
  readonly fix: string;
}

export interface SortedKeys {
  /** Those that the database must hold. */
  readonly wanted: readonly KeptKey[];
  /** Those that LiteLLM itself deleted or made anew, in its UI say. */
  readonly ended: readonly EndedKey[];
}

/** A key that went without a trace is wanted: by this an emptied table is noticed. */
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
        seen: `LiteLLM has another key ${alias} than the one that is kept here`,
        fix: commandLine(project, `provision-key --alias ${alias} --rotate`),
      })),
      ...revoked.map(({ alias }) => ({
        seen: `the key ${alias} that is kept here was deleted in LiteLLM`,
        fix: `${commandLine(project, `key revoke ${alias}`)} forgets it, ${commandLine(project, `provision-key --alias ${alias}`)} makes a new one`,
      })),
    ],
  };
}
