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

/** Every row of the router once, under its own name: a pattern such as `openai/*` is one row. */
export async function listModels(client: AdminClient): Promise<readonly ModelRow[]> {
  const rows = (await ownRows(client)) ?? (await foldedRows(client));
  if (rows.length === 0) await client.requireDatabase();
  return rows;
}

const rowId = ({ model_info }: ModelRow) => model_info.id;

/** Undefined when that LiteLLM has no such route. */
async function ownRows(client: AdminClient): Promise<readonly ModelRow[] | undefined> {
  let isKnown = true;
  const rows = await allPages(client, rowId, async (page) => {
    const call = { method: 'GET', path: `/v2/model/info?size=${PAGE_SIZE}&page=${page}` } as const;
    const answer = await readRows(client, call);
    if (answer === undefined) isKnown = false;
    return { rows: answer?.data ?? [], pages: answer?.total_pages };
  });
  return isKnown ? rows.filter((row) => !isAgent(row)) : undefined;
}

/**
 * `/model/info` shows a pattern as one row for each model that LiteLLM knows for it, all with its id. Its own name is
 * not shown, so it gets the beginning that all of them have.
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

/** Undefined for 404; none before the first model, where LiteLLM answers by an internal server error. */
async function readRows(client: AdminClient, call: AdminCall): Promise<z.infer<typeof MODEL_ROWS> | undefined> {
  const answer = await client.call(call);
  if (answer.status === 404) return undefined;
  if (answer.status === 500 && answer.message.includes('LLM Model List not loaded')) return { data: [] };
  if (!answer.ok) throw rejected(call, answer);
  return z.safeParse(MODEL_ROWS, answer.body).data ?? (await client.fetch(MODEL_ROWS, call));
}

/** LiteLLM lists its A2A agents among the rows. They are no deployments, and have no row to change. */
const isAgent = ({ model_name, litellm_params: params }: ModelRow) =>
  params.custom_llm_provider === 'a2a' && params.model === model_name && model_name.startsWith('a2a/');

function patternOf(one: ModelRow, other: ModelRow): string {
  const differs = [...one.model_name].findIndex((letter, index) => letter !== other.model_name[index]);
  const common = differs < 0 ? one.model_name : one.model_name.slice(0, differs);
  return `${common.slice(0, common.lastIndexOf('/') + 1)}*`;
}

/** Each row's own name, once: not the models that a pattern stands for. */
export async function aliasNames(client: AdminClient): Promise<readonly string[]> {
  return [...new Set((await listModels(client)).map((row) => row.model_name))];
}

/** What a key may call; with the master key, all that is live. */
export async function servedModels(client: AdminClient, key?: Secret): Promise<readonly string[]> {
  return servedNames(client, { method: 'GET', path: '/v1/models', ...(key ? { key } : {}) });
}

/** As `servedModels`, with patterns such as `openai/*` too. */
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
  /** US dollars for an input token; 0 when the table has none. */
  readonly price: number;
  /** The day after which its provider does not serve it. */
  readonly retired: string | undefined;
}

/** Chat models of a provider in the proxy's price table, without fine-tuned ones; empty when it does not show the table. */
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
