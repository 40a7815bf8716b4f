import * as z from 'zod/mini';
import type { Secret } from '../../model/secret.ts';
import { allPages } from './all-pages.ts';
import type { AdminCall } from './call.ts';
import type { AdminClient } from './client.ts';
import { MODEL_ROWS, type ModelRow, SERVED_MODELS } from './schemas.ts';
import { rejected } from './transport-errors.ts';

const COST_MAP = z.record(
  z.string(),
  z.object({
    litellm_provider: z.optional(z.string()),
    mode: z.optional(z.string()),
    input_cost_per_token: z.nullish(z.number()),
    deprecation_date: z.nullish(z.string()),
  }),
);

const PAGE_SIZE = 1000;

/** Every row of the router under its own name: a pattern such as `openai/*` is one row. */
export async function listModels(client: AdminClient): Promise<readonly ModelRow[]> {
  const rows = await routerRows(client);
  if (rows.length === 0) await client.requireDatabase();
  return rows;
}

/** The rows of one name. */
export async function rowsNamed(client: AdminClient, name: string): Promise<readonly ModelRow[]> {
  return (await routerRows(client, name)).filter(({ model_name }) => model_name === name);
}

/** May contain rows of other names too, where LiteLLM does not select. */
const routerRows = async (client: AdminClient, name?: string) =>
  (await ownRows(client, name)) ?? (await foldedRows(client));

const rowId = ({ model_info }: ModelRow) => model_info.id;

/** Undefined if this version of LiteLLM has no such route. */
async function ownRows(client: AdminClient, name?: string): Promise<readonly ModelRow[] | undefined> {
  let isKnown = true;
  const only = name === undefined ? '' : `&model=${encodeURIComponent(name)}`;
  const rows = await allPages(client, rowId, async (page) => {
    const call = { method: 'GET', path: `/v2/model/info?size=${PAGE_SIZE}&page=${page}${only}` } as const;
    const answer = await readRows(client, call);
    if (answer === undefined) isKnown = false;
    return { rows: answer?.data ?? [], pages: answer?.total_pages };
  });
  return isKnown ? rows.filter((row) => !isAgent(row)) : undefined;
}

/**
 * `/model/info` lists a pattern as one row per known model, all with the same id. The pattern's own name is
 * not shown, so it is derived from their common prefix.
 */
async function foldedRows(client: AdminClient): Promise<readonly ModelRow[]> {
  const answer = await readRows(client, { method: 'GET', path: '/model/info' });
  const rows = new Map<string, ModelRow>();
  for (const row of answer?.data ?? []) {
    const before = rows.get(row.model_info.id);
    const isPattern = before !== undefined && before.model_name !== row.model_name;
    rows.set(row.model_info.id, isPattern ? { ...row, model_name: patternOf(before, row) } : row);
  }
  return [...rows.values()];
}

/** Undefined for 404. Empty before the first model, when LiteLLM answers with an internal server error. */
async function readRows(client: AdminClient, call: AdminCall): Promise<z.infer<typeof MODEL_ROWS> | undefined> {
  const answer = await client.call(call);
  if (answer.status === 404) return undefined;
  if (answer.status === 500 && answer.message.includes('LLM Model List not loaded')) return { data: [] };
  if (!answer.ok) throw rejected(call, answer);
  return z.safeParse(MODEL_ROWS, answer.body).data ?? (await client.fetch(MODEL_ROWS, call));
}

/** LiteLLM lists its A2A agents among the rows, but they are not deployments and cannot be changed. */
const isAgent = ({ model_name, litellm_params: params }: ModelRow) =>
  params.custom_llm_provider === 'a2a' && params.model === model_name && model_name.startsWith('a2a/');

function patternOf(one: ModelRow, other: ModelRow): string {
  const differs = [...one.model_name].findIndex((letter, index) => letter !== other.model_name[index]);
  const common = differs < 0 ? one.model_name : one.model_name.slice(0, differs);
  return `${common.slice(0, common.lastIndexOf('/') + 1)}*`;
}

/**
 * The distinct names of the rows, without the models that a pattern matches. The rows have prices, which makes them a large
 * answer, so they are only read if there are patterns.
 */
export async function aliasNames(client: AdminClient): Promise<readonly string[]> {
  const served = await servedAliases(client);
  if (!served.some((name) => name.includes('*'))) return served;
  return [...new Set((await listModels(client)).map((row) => row.model_name))];
}

/** The models that a key may call; with the master key, all that are served. */
export async function servedModels(client: AdminClient, key?: Secret): Promise<readonly string[]> {
  return servedNames(client, { method: 'GET', path: '/v1/models', ...(key ? { key } : {}) });
}

/** Like `servedModels`, including patterns such as `openai/*`. */
export async function servedAliases(client: AdminClient, key?: Secret): Promise<readonly string[]> {
  const path = '/v1/models?return_wildcard_routes=true';
  return servedNames(client, { method: 'GET', path, ...(key ? { key } : {}) });
}

async function servedNames(client: AdminClient, call: AdminCall): Promise<readonly string[]> {
  const { data } = await client.fetch(SERVED_MODELS, call);
  return data.map(({ id }) => id);
}

/** Names of the aliases that use a credential, each once. */
export async function modelsUsing(client: AdminClient, credential: string): Promise<readonly string[]> {
  const rows = await listModels(client);
  const users = rows.filter((row) => row.litellm_params.litellm_credential_name === credential);
  return [...new Set(users.map((row) => row.model_name))];
}

export interface PricedModel {
  /** With its provider: `openai/gpt-4o`. */
  readonly name: string;
  /** US dollars per input token; 0 if the table has no price. */
  readonly price: number;
  /** The day on which its provider retires it. */
  readonly retired: string | undefined;
}

/** The chat models of a provider in the gateway's price table, without fine-tuned ones; empty if it has no table. */
export async function pricedModels(client: AdminClient, provider: string): Promise<readonly PricedModel[]> {
  const answer = await client.call({ method: 'GET', path: '/public/litellm_model_cost_map' });
  const table = answer.ok ? z.safeParse(COST_MAP, answer.body).data : undefined;
  const models = Object.entries(table ?? {})
    .filter(([name, row]) => row.litellm_provider === provider && row.mode === 'chat' && !name.startsWith('ft:'))
    .map(([name, { input_cost_per_token: price, deprecation_date: retired }]) => ({
      name: name.includes('/') ? name : `${provider}/${name}`,
      price: price ?? 0,
      retired: retired ?? undefined,
    }));
  return [...new Map(models.map((model) => [model.name, model])).values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
