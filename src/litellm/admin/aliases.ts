import { completeParams, wantedParams } from '../aliases/complete-params.ts';
import { ambiguous, requireEditable } from './alias-errors.ts';
import {
  type AliasTarget,
  createRow,
  deleteRow,
  has,
  patchRow,
  rowsOf,
  surplusParams,
  type WantedRow,
} from './alias-rows.ts';
import type { AdminClient } from './client.ts';
import { type Change, requireCredential } from './credentials.ts';
import { listModels } from './models.ts';
import { FILE_MARK } from './owner-mark.ts';
import type { ModelRow } from './schemas.ts';

export interface Alias extends AliasTarget {
  readonly name: string;
  /** Further targets, each with its own row. Other rows with this name are removed. */
  readonly others?: readonly AliasTarget[] | undefined;
  /** Merge several rows with that name into one. */
  readonly force: boolean;
  /** Add a row that is load-balanced with the existing ones. */
  readonly append: boolean;
  /** Remove fields that the file no longer has. */
  readonly exact?: boolean;
  /** The file that it comes from. */
  readonly file?: string;
}

/** Creates or updates the row and verifies that it is served. Never leaves a row behind that is not. */
export async function putAlias(client: AdminClient, alias: Alias): Promise<Change> {
  if (alias.credential !== undefined) await requireCredential(client, alias.credential);
  const rows = rowsOf(await listModels(client), alias.name);
  if (alias.others?.length) return putTargets(client, alias, rows);
  const [first, ...others] = rows;
  if (alias.append) {
    if (rows.some((row) => has(row, completeParams(alias.name, alias, row)))) return 'unchanged';
    await createRow(client, rowOf(alias));
    return 'created';
  }
  if (!first) return createOnly(client, alias);
  if (others.length > 0 && !alias.force)
    throw ambiguous(alias.name, rows, 'Merge them into one with --force\nOr add another row with --append');
  const wanted = rowOf(alias, alias, first);
  const isSurplus = surplusParams(first, wanted.params, alias.exact ?? false).length > 0;
  if (others.length === 0 && !isSurplus && has(first, wanted.params)) return 'unchanged';
  requireEditable(rows);
  if (isSurplus) {
    const file = first.model_info[FILE_MARK];
    await createRow(client, { ...wanted, file: typeof file === 'string' ? file : undefined });
  } else if (!has(first, wanted.params)) await patchRow(client, first, wanted);
  for (const row of isSurplus ? rows : others) await deleteRow(client, row.model_info.id);
  return 'updated';
}

/** Creates missing rows before it removes surplus ones, so that the alias always answers. */
async function putTargets(client: AdminClient, alias: Alias, rows: readonly ModelRow[]): Promise<Change> {
  const { missing, surplus } = matchTargets(alias, rows);
  if (missing.length === 0 && surplus.length === 0) return 'unchanged';
  requireEditable(surplus);
  for (const target of missing) await createRow(client, rowOf(alias, target));
  for (const row of surplus) await deleteRow(client, row.model_info.id);
  return rows.length === 0 ? 'created' : 'updated';
}

/** The targets that have no row yet, and the rows that match no target. */
export function matchTargets(alias: Alias, rows: readonly ModelRow[]) {
  const left = [...rows];
  const missing = [alias, ...(alias.others ?? [])].filter((target) => {
    const at = left.findIndex((row) => {
      const wanted = completeParams(alias.name, target, row);
      return has(row, wanted) && surplusParams(row, wanted, true).length === 0;
    });
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return { missing, surplus: left as readonly ModelRow[] };
}

/** The wanted row of an alias or of one of its targets; `row` is the existing one. */
function rowOf(alias: Alias, target: AliasTarget = alias, row?: ModelRow): WantedRow {
  const params = completeParams(alias.name, target, row);
  return { name: alias.name, params, asked: wantedParams(target), file: alias.file };
}

export interface RemovedAlias {
  /** `unchanged` if it did not exist. */
  readonly change: Change;
  /** A pattern that still answers to that name. */
  readonly pattern?: string | undefined;
}

/** Removes the row with exactly this name, never a pattern that matches it. */
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

/** Whether a pattern, in which `*` matches any text, matches this name. */
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
 * Another command may create the same row at the same time, and there is no lock. The one with the lowest id
 * stays, and every command removes the others that it sees.
 */
async function createOnly(client: AdminClient, alias: Alias): Promise<Change> {
  const { id, rows } = await createRow(client, rowOf(alias));
  const [lowest, ...others] = rows.map(({ model_info }) => model_info.id).sort();
  for (const other of others) await deleteRow(client, other);
  return lowest === id ? 'created' : putAlias(client, alias);
}
