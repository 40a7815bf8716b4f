import * as z from 'zod/mini';
import type { Secret } from '../secret.ts';
import type { AdminClient } from './client.ts';
import { MODEL_ROWS, type ModelRow, SERVED_MODELS } from './schemas.ts';
import { rejected } from './transport-errors.ts';

const COST_MAP = z.record(
  z.string(),
  z.object({ litellm_provider: z.optional(z.string()), mode: z.optional(z.string()) }),
);

/** Every deployment of the router, those that no provider answers for left out by LiteLLM itself. */
export async function listModels(client: AdminClient): Promise<readonly ModelRow[]> {
  const call = { method: 'GET', path: '/model/info' } as const;
  const answer = await client.call(call);
  // Before its first model LiteLLM says so by an internal server error.
  const none = answer.status === 500 && answer.message.includes('LLM Model List not loaded');
  if (!answer.ok && !none) throw rejected(call, answer);
  const rows = none
    ? []
    : (z.safeParse(MODEL_ROWS, answer.body).data?.data ?? (await client.fetch(MODEL_ROWS, call)).data);
  if (rows.length === 0) await client.requireDatabase();
  return rows;
}

/** What a key may call; with the master key, all that is live. */
export async function servedModels(client: AdminClient, key?: Secret): Promise<readonly string[]> {
  const { data } = await client.fetch(SERVED_MODELS, { method: 'GET', path: '/v1/models', ...(key ? { key } : {}) });
  return data.map(({ id }) => id);
}

/** Names of the aliases that use a credential, each once. */
export async function modelsUsing(client: AdminClient, credential: string): Promise<readonly string[]> {
  const rows = await listModels(client);
  const users = rows.filter((row) => row.litellm_params.litellm_credential_name === credential);
  return [...new Set(users.map((row) => row.model_name))];
}

/** Chat models of a provider in the proxy's price table, without fine-tuned ones; empty when it does not show the table. */
export async function pricedModels(client: AdminClient, provider: string): Promise<readonly string[]> {
  const answer = await client.call({ method: 'GET', path: '/public/litellm_model_cost_map' });
  const table = answer.ok ? z.safeParse(COST_MAP, answer.body).data : undefined;
  return Object.entries(table ?? {})
    .filter(([name, row]) => row.litellm_provider === provider && row.mode === 'chat' && !name.startsWith('ft:'))
    .map(([name]) => (name.includes('/') ? name : `${provider}/${name}`))
    .sort();
}
