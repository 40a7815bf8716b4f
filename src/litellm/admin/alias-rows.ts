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

export interface AliasTarget {
  /** LiteLLM's name for the model: `openai/gpt-4o`, or `gpt-4o` if LiteLLM knows its provider. */
  readonly target: string;
  readonly credential?: string | undefined;
  /** Further `litellm_params`, and `mode` and `base_model`. */
  readonly params: Params;
}

const LOOKUP = 'agents-llm alias list';

/** The rows with this name. Excludes a team's rows, which LiteLLM lists under another name than their own. */
export const rowsOf = (rows: readonly ModelRow[], name: string): readonly ModelRow[] =>
  (rowsBy(rows, modelName).get(name) ?? []).filter((row) => !row.model_info.team_public_model_name);

export const modelName = (row: ModelRow): string => row.model_name;

/** Fields that LiteLLM stores in `model_info` instead of `litellm_params`. */
const INFO = ['mode', 'base_model'] as const;

/** Everything of a row that can be set: its `litellm_params` and the fields in `model_info`. */
export function fieldsOf({ litellm_params: params, model_info: info }: ModelRow): Params {
  const set = INFO.filter((name) => info[name] != null).map((name) => [name, info[name]]);
  return { ...params, ...Object.fromEntries(set) };
}

export function has(row: ModelRow, wanted: Params): boolean {
  const fields = fieldsOf(row);
  return Object.entries(wanted).every(([key, value]) => isDeepStrictEqual(fields[key], value));
}

/** The further fields that the row got from its file. */
export function ownParams({ model_info: info }: ModelRow): readonly string[] {
  return Array.isArray(info[PARAMS_MARK]) ? info[PARAMS_MARK].map(String) : [];
}

/**
 * Fields of a row that are no longer wanted, which LiteLLM cannot remove: with `exact` all that came from its file, otherwise
 * only a mock response.
 */
export function surplusParams(row: ModelRow, wanted: Params, exact: boolean): readonly string[] {
  const fields = fieldsOf(row);
  const own = exact ? ['litellm_credential_name', ...ownParams(row)] : [];
  return [...new Set([...own, 'mock_response'])].filter((name) => fields[name] != null && !(name in wanted));
}

interface CreatedRow {
  readonly id: string;
  /** All rows by that name. */
  readonly rows: readonly ModelRow[];
}

export interface WantedRow {
  readonly name: string;
  readonly params: Params;
  /** The part of them that was asked for. */
  readonly asked: Params;
  /** The file that it comes from, if any. */
  readonly file?: string | undefined;
}

export async function createRow(
  client: AdminClient,
  { name, params: wanted, asked, file }: WantedRow,
): Promise<CreatedRow> {
  // Our own id, so that the row can be found and removed even if the response is lost.
  const id = randomUUID();
  const mark = file === undefined ? {} : { [FILE_MARK]: file, [PARAMS_MARK]: furtherParams(asked) };
  const { params, info } = split(wanted);
  const body = z.parse(MODEL_REQUEST, {
    model_name: name,
    litellm_params: params,
    model_info: { ...info, id, ...mark },
  });
  const call = { method: 'POST', path: '/model/new', body, lookup: LOOKUP } as const;
  const answer = await client.call(call);
  const rows = answer.ok ? await liveRows(client, id, name, wanted) : undefined;
  if (rows) return { id, rows };
  await deleteRow(client, id);
  const known = /not live|router/i.test(answer.message) || answer.ok;
  throw known ? unusable(name, wanted) : rejected(call, answer);
}

export async function patchRow(
  client: AdminClient,
  row: ModelRow,
  { params: wanted, asked }: Pick<WantedRow, 'params' | 'asked'>,
): Promise<void> {
  const { id, [FILE_MARK]: file } = row.model_info;
  const mark = file === undefined ? {} : { [PARAMS_MARK]: furtherParams(asked) };
  const patch = (fields: Params, rest: object = {}) => {
    const { params, info } = split(fields);
    const more = { ...info, ...rest };
    // Without the id, LiteLLM would assign a new one.
    const model_info = Object.keys(more).length === 0 ? {} : { model_info: { id, ...more } };
    const path = `/model/${encodeURIComponent(id)}/update`;
    return { method: 'PATCH', path, body: { litellm_params: params, ...model_info }, lookup: LOOKUP } as const;
  };
  const answer = await client.call(patch(wanted, mark));
  if (answer.ok && (await liveRows(client, id, row.model_name, wanted))) return;
  const before = Object.fromEntries(Object.entries(fieldsOf(row)).filter(([key]) => key in wanted));
  await client.call(patch(before));
  throw answer.ok || /not live|router/i.test(answer.message)
    ? unusable(row.model_name, wanted)
    : rejected(patch(wanted), answer);
}

function split(fields: Params) {
  const isInfo = ([name]: [string, unknown]) => (INFO as readonly string[]).includes(name);
  const entries = Object.entries(fields);
  return {
    params: Object.fromEntries(entries.filter((entry) => !isInfo(entry))),
    info: Object.fromEntries(entries.filter(isInfo)),
  };
}

const furtherParams = ({ model: _, litellm_credential_name: __, ...further }: Params) => Object.keys(further);

/** All rows with that name if the wanted one exists and is served; otherwise undefined. */
async function liveRows(client: AdminClient, id: string, name: string, wanted: Params) {
  const [models, served] = await Promise.all([listModels(client), servedAliases(client)]);
  const rows = rowsOf(models, name);
  const isLive = rows.some((row) => row.model_info.id === id && has(row, wanted)) && served.includes(name);
  return isLive ? rows : undefined;
}

/** Succeeds if the row does not exist. */
export async function deleteRow(client: AdminClient, id: string): Promise<void> {
  const call = { method: 'POST', path: '/model/delete', body: { id }, lookup: LOOKUP } as const;
  const answer = await client.call(call);
  if (!answer.ok && !/not found/i.test(answer.message)) throw rejected(call, answer);
}
