import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { CliError } from '../errors.ts';
import { ambiguous, unusable } from './alias-errors.ts';
import type { AdminClient } from './client.ts';
import { type Change, requireCredential } from './credentials.ts';
import { listModels, servedModels } from './models.ts';
import { MODEL_REQUEST, type ModelRow } from './schemas.ts';
import { rejected } from './transport-errors.ts';

export interface Alias {
  readonly name: string;
  /** As LiteLLM understands it: `openai/gpt-4o`, or `gpt-4o` when it knows whose that is. */
  readonly target: string;
  readonly credential?: string | undefined;
  /** Further `litellm_params`. */
  readonly params: Readonly<Record<string, unknown>>;
  /** With several rows by that name: make it one. */
  readonly force: boolean;
  /** Add a row on purpose, to be load-balanced with those that exist. */
  readonly append: boolean;
}

type Params = Readonly<Record<string, unknown>>;

const LOOKUP = 'agents-llm alias list';

/** Makes one row of that name be as wanted, and proves it live; never leaves a dead row behind. */
export async function putAlias(client: AdminClient, alias: Alias): Promise<Change> {
  if (alias.credential !== undefined) await requireCredential(client, alias.credential);
  const wanted: Params = {
    ...alias.params,
    model: alias.target,
    ...(alias.credential === undefined ? {} : { litellm_credential_name: alias.credential }),
  };
  const rows = rowsOf(await listModels(client), alias.name);
  if (alias.append && rows.some((row) => has(row, wanted))) return 'unchanged';
  const [first, ...others] = rows;
  if (alias.append) return (await createRow(client, alias.name, wanted)).change;
  if (!first) return createOnly(client, alias, wanted);
  if (others.length > 0 && !alias.force)
    throw ambiguous(alias.name, rows, 'make them one: --force, or add another: --append');
  if (others.length === 0 && has(first, wanted)) return 'unchanged';
  requireEditable(rows);
  if (!has(first, wanted)) await patchRow(client, first, wanted);
  for (const row of others) await deleteRow(client, row.model_info.id);
  return 'updated';
}

/** Gone already is `unchanged`. */
export async function removeAlias(client: AdminClient, name: string, force: boolean): Promise<Change> {
  const rows = rowsOf(await listModels(client), name);
  if (rows.length === 0) return 'unchanged';
  if (rows.length > 1 && !force) throw ambiguous(name, rows, 'remove all of them: --force');
  requireEditable(rows);
  for (const row of rows) await deleteRow(client, row.model_info.id);
  return 'removed';
}

const rowsOf = (rows: readonly ModelRow[], name: string) => rows.filter((row) => row.model_name === name);
const has = (row: ModelRow, wanted: Params) =>
  Object.entries(wanted).every(([key, value]) => JSON.stringify(row.litellm_params[key]) === JSON.stringify(value));

/**
 * Another command may have made a row in the same moment, where nobody can lock: of several the one with the lowest id
 * stays, and whoever sees the others removes them.
 */
async function createOnly(client: AdminClient, alias: Alias, wanted: Params): Promise<Change> {
  const { id, change, rows } = await createRow(client, alias.name, wanted);
  const [lowest, ...others] = rows.map(({ model_info }) => model_info.id).sort();
  for (const other of others) await deleteRow(client, other);
  return lowest === id ? change : putAlias(client, alias);
}

interface CreatedRow {
  readonly id: string;
  readonly change: Change;
  /** All rows by that name. */
  readonly rows: readonly ModelRow[];
}

async function createRow(client: AdminClient, name: string, wanted: Params): Promise<CreatedRow> {
  // An id of ours, so that a row can be found again and removed whatever became of the answer.
  const id = randomUUID();
  const body = z.parse(MODEL_REQUEST, { model_name: name, litellm_params: wanted, model_info: { id } });
  const call = { method: 'POST', path: '/model/new', body, lookup: LOOKUP } as const;
  const answer = await client.call(call);
  const rows = answer.ok ? await liveRows(client, id, name, wanted) : undefined;
  if (rows) return { id, change: 'created', rows };
  await deleteRow(client, id);
  const known = /not live|router/i.test(answer.message) || answer.ok;
  throw known ? unusable(name, wanted) : rejected(call, answer);
}

async function patchRow(client: AdminClient, row: ModelRow, wanted: Params): Promise<void> {
  const { id } = row.model_info;
  const patch = (params: Params) =>
    ({
      method: 'PATCH',
      path: `/model/${encodeURIComponent(id)}/update`,
      body: { litellm_params: params },
      lookup: LOOKUP,
    }) as const;
  const answer = await client.call(patch(wanted));
  if (answer.ok && (await liveRows(client, id, row.model_name, wanted))) return;
  const before = Object.fromEntries(Object.entries(row.litellm_params).filter(([key]) => key in wanted));
  await client.call(patch(before));
  throw answer.ok || /not live|router/i.test(answer.message)
    ? unusable(row.model_name, wanted)
    : rejected(patch(wanted), answer);
}

/** All rows by that name when the one is as wanted and served; else undefined. */
async function liveRows(client: AdminClient, id: string, name: string, wanted: Params) {
  const [models, served] = await Promise.all([listModels(client), servedModels(client)]);
  const rows = rowsOf(models, name);
  const isLive = rows.some((row) => row.model_info.id === id && has(row, wanted)) && served.includes(name);
  return isLive ? rows : undefined;
}

async function deleteRow(client: AdminClient, id: string): Promise<void> {
  const call = { method: 'POST', path: '/model/delete', body: { id }, lookup: LOOKUP } as const;
  const answer = await client.call(call);
  if (!answer.ok && !/not found/i.test(answer.message)) throw rejected(call, answer);
}

function requireEditable(rows: readonly ModelRow[]): void {
  const fixed = rows.find((row) => row.model_info.db_model === false);
  if (!fixed) return;
  throw new CliError('request_rejected', `"${fixed.model_name}" comes from the configuration file of that LiteLLM`, {
    hint: 'change it there, or take another name',
  });
}
