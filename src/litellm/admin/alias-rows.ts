import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod/mini';
import { unusable } from './alias-errors.ts';
import type { AdminClient } from './client.ts';
import { listModels, servedAliases } from './models.ts';
import { FILE_MARK, PARAMS_MARK } from './owner-mark.ts';
import { rowsBy } from './rows-by.ts';
import { MODEL_REQUEST, type ModelRow } from './schemas.ts';
import { rejected } from './transport-errors.ts';

export type Params = Readonly<Record<string, unknown>>;

const LOOKUP = 'agents-llm alias list';

/** The rows that have this name themselves: not those of a team, which LiteLLM shows by another name than their own. */
export const rowsOf = (rows: readonly ModelRow[], name: string): readonly ModelRow[] =>
  (rowsBy(rows, modelName).get(name) ?? []).filter((row) => !row.model_info.team_public_model_name);

export const modelName = (row: ModelRow): string => row.model_name;

export const has = (row: ModelRow, wanted: Params) =>
  Object.entries(wanted).every(([key, value]) => isDeepStrictEqual(row.litellm_params[key], value));

/** What a row that was made from a file has of that file and is no longer wanted; LiteLLM cannot take it away. */
export function surplusParams(
  { litellm_params: params, model_info: info }: ModelRow,
  wanted: Params,
): readonly string[] {
  const own = Array.isArray(info[PARAMS_MARK]) ? info[PARAMS_MARK].map(String) : [];
  return ['litellm_credential_name', ...own].filter((name) => params[name] != null && !(name in wanted));
}

interface CreatedRow {
  readonly id: string;
  /** All rows by that name. */
  readonly rows: readonly ModelRow[];
}

/** `file` is the one that it is made from, if any. */
export async function createRow(
  client: AdminClient,
  name: string,
  wanted: Params,
  file: string | undefined,
): Promise<CreatedRow> {
  // An id of ours, so that a row can be found again and removed whatever became of the answer.
  const id = randomUUID();
  const mark = file === undefined ? {} : { [FILE_MARK]: file, [PARAMS_MARK]: furtherParams(wanted) };
  const body = z.parse(MODEL_REQUEST, { model_name: name, litellm_params: wanted, model_info: { id, ...mark } });
  const call = { method: 'POST', path: '/model/new', body, lookup: LOOKUP } as const;
  const answer = await client.call(call);
  const rows = answer.ok ? await liveRows(client, id, name, wanted) : undefined;
  if (rows) return { id, rows };
  await deleteRow(client, id);
  const known = /not live|router/i.test(answer.message) || answer.ok;
  throw known ? unusable(name, wanted) : rejected(call, answer);
}

export async function patchRow(client: AdminClient, row: ModelRow, wanted: Params): Promise<void> {
  const { id, [FILE_MARK]: file } = row.model_info;
  const info = file === undefined ? {} : { model_info: { id, [PARAMS_MARK]: furtherParams(wanted) } };
  const patch = (params: Params, rest: object = {}) =>
    ({
      method: 'PATCH',
      path: `/model/${encodeURIComponent(id)}/update`,
      body: { litellm_params: params, ...rest },
      lookup: LOOKUP,
    }) as const;
  const answer = await client.call(patch(wanted, info));
  if (answer.ok && (await liveRows(client, id, row.model_name, wanted))) return;
  const before = Object.fromEntries(Object.entries(row.litellm_params).filter(([key]) => key in wanted));
  await client.call(patch(before));
  throw answer.ok || /not live|router/i.test(answer.message)
    ? unusable(row.model_name, wanted)
    : rejected(patch(wanted), answer);
}

const furtherParams = ({ model: _, litellm_credential_name: __, ...further }: Params) => Object.keys(further);

/** All rows by that name when the one is as wanted and served; else undefined. */
async function liveRows(client: AdminClient, id: string, name: string, wanted: Params) {
  const [models, served] = await Promise.all([listModels(client), servedAliases(client)]);
  const rows = rowsOf(models, name);
  const isLive = rows.some((row) => row.model_info.id === id && has(row, wanted)) && served.includes(name);
  return isLive ? rows : undefined;
}

/** Gone already is no error. */
export async function deleteRow(client: AdminClient, id: string): Promise<void> {
  const call = { method: 'POST', path: '/model/delete', body: { id }, lookup: LOOKUP } as const;
  const answer = await client.call(call);
  if (!answer.ok && !/not found/i.test(answer.message)) throw rejected(call, answer);
}
