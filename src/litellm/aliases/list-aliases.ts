import { fieldsOf } from '../admin/alias-rows.ts';
import type { AdminClient } from '../admin/client.ts';
import { listModels, servedAliases } from '../admin/models.ts';
import type { ModelRow } from '../admin/schemas.ts';
import { type AliasFields, fieldsOfParams } from './alias-fields.ts';
import { listFallbacks } from './fallbacks.ts';

/** A row of LiteLLM; an alias with several targets has several. */
export interface AliasRow {
  readonly name: string;
  readonly target: string;
  readonly provider: string | null;
  /** Whether its name is a pattern with `*`. */
  readonly pattern: boolean;
  /** Whether the router serves it. */
  readonly live: boolean;
  /** The answer that it returns without calling a model. */
  readonly mock: string | null;
  /** Whether parameters that the target does not support are dropped. */
  readonly dropParams: boolean;
  /** The aliases that are tried in turn when it fails. */
  readonly fallbacks: readonly string[];
  readonly weight: number | null;
  /** LiteLLM's mode of the model: `chat`, `embedding`, … */
  readonly mode: string | null;
  readonly baseModel: string | null;
  /** US dollars per million tokens; null if LiteLLM has no price. */
  readonly inputPrice: number | null;
  readonly outputPrice: number | null;
}

export async function listAliases(client: AdminClient): Promise<readonly AliasRow[]> {
  const [rows, names, fallbacks] = await Promise.all([
    listModels(client),
    servedAliases(client),
    listFallbacks(client),
  ]);
  const served = new Set(names);
  return rows.map((row) => ({
    ...viewOf(row),
    live: served.has(row.model_name),
    fallbacks: fallbacks.get(row.model_name) ?? [],
  }));
}

function viewOf(row: ModelRow) {
  const { model_name: name, litellm_params: params, model_info: info } = row;
  const { mock, mode, baseModel, weight }: AliasFields = fieldsOfParams(fieldsOf(row));
  return {
    name,
    target: String(params.model ?? ''),
    provider: typeof params.litellm_credential_name === 'string' ? params.litellm_credential_name : null,
    pattern: name.includes('*'),
    mock: mock ?? null,
    dropParams: params.drop_params === true,
    weight: weight ?? null,
    mode: mode ?? null,
    baseModel: baseModel ?? null,
    inputPrice: price(info.input_cost_per_token),
    outputPrice: price(info.output_cost_per_token),
  };
}

const price = (perToken: number | null | undefined) =>
  perToken == null ? null : Number((perToken * 1e6).toPrecision(6));
