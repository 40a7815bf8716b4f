import { ambiguous, requireEditable } from './alias-errors.ts';
import { createRow, deleteRow, has, type Params, patchRow, rowsOf, surplusParams } from './alias-rows.ts';
import type { AdminClient } from './client.ts';
import { type Change, requireCredential } from './credentials.ts';
import { listModels } from './models.ts';
import { FILE_MARK } from './owner-mark.ts';

export interface Alias {
  readonly name: string;
  /** As LiteLLM understands it: `openai/gpt-4o`, or `gpt-4o` when it knows whose that is. */
  readonly target: string;
  readonly credential?: string | undefined;
  /** Further `litellm_params`. */
  readonly params: Params;
  /** With several rows by that name: make it one. */
  readonly force: boolean;
  /** Add a row on purpose, to be load-balanced with those that exist. */
  readonly append: boolean;
  /** What the file gave to the row before but no longer gives is removed. */
  readonly exact?: boolean;
  /** The file that it is made from. */
  readonly file?: string;
}

/** Makes one row of that name be as wanted, and proves it live; never leaves a dead row behind. */
export async function putAlias(client: AdminClient, alias: Alias): Promise<Change> {
  if (alias.credential !== undefined) await requireCredential(client, alias.credential);
  const wanted = wantedParams(alias);
  const rows = rowsOf(await listModels(client), alias.name);
  if (alias.append) {
    if (rows.some((row) => has(row, wanted))) return 'unchanged';
    await createRow(client, alias.name, wanted, alias.file);
    return 'created';
  }
  const [first, ...others] = rows;
  if (!first) return createOnly(client, alias, wanted);
  if (others.length > 0 && !alias.force)
    throw ambiguous(alias.name, rows, 'Merge them into one with --force\nOr add another row with --append');
  const isSurplus = (alias.exact ?? false) && surplusParams(first, wanted).length > 0;
  if (others.length === 0 && !isSurplus && has(first, wanted)) return 'unchanged';
  requireEditable(rows);
  if (isSurplus) {
    const file = first.model_info[FILE_MARK];
    await createRow(client, alias.name, wanted, typeof file === 'string' ? file : undefined);
  } else if (!has(first, wanted)) await patchRow(client, first, wanted);
  for (const row of isSurplus ? rows : others) await deleteRow(client, row.model_info.id);
  return 'updated';
}

/** The `litellm_params` of its row. */
export function wantedParams({ params, target, credential }: Pick<Alias, 'params' | 'target' | 'credential'>): Params {
  return { ...params, model: target, ...(credential === undefined ? {} : { litellm_credential_name: credential }) };
}

export interface RemovedAlias {
  /** Gone already is `unchanged`. */
  readonly change: Change;
  /** A row that goes on to answer to that name. */
  readonly pattern?: string | undefined;
}

/** Removes the row that has this name itself, never the pattern that it is an example of. */
export async function removeAlias(client: AdminClient, name: string, force: boolean): Promise<RemovedAlias> {
  const models = await listModels(client);
  const rows = rowsOf(models, name);
  const pattern = models.find((row) => row.model_name !== name && fits(row.model_name, name))?.model_name;
  if (rows.length === 0) return { change: 'unchanged', pattern };
  if (rows.length > 1 && !force) throw ambiguous(name, rows, 'Remove all of them with --force');
  requireEditable(rows);
  for (const row of rows) await deleteRow(client, row.model_info.id);
  return { change: 'removed', pattern };
}

/** Whether a pattern, in which `*` stands for any text, is one for this name. */
export function fits(pattern: string, name: string): boolean {
  const [start = '', ...parts] = pattern.split('*');
  const end = parts.pop();
  if (end === undefined || !name.startsWith(start)) return false;
  let at = start.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - end.length >= at && name.endsWith(end);
}

/**
 * Another command may have made a row in the same moment, where nobody can lock: of several the one with the lowest id
 * stays, and whoever sees the others removes them.
 */
async function createOnly(client: AdminClient, alias: Alias, wanted: Params): Promise<Change> {
  const { id, rows } = await createRow(client, alias.name, wanted, alias.file);
  const [lowest, ...others] = rows.map(({ model_info }) => model_info.id).sort();
  for (const other of others) await deleteRow(client, other);
  return lowest === id ? 'created' : putAlias(client, alias);
}
