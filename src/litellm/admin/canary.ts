import { CliError } from '../../model/errors.ts';
import type { Secret } from '../../model/secret.ts';
import type { AdminClient } from './client.ts';
import { listCredentials } from './credentials.ts';
import { generateKey, listKeys } from './keys.ts';
import { listModels, servedModels } from './models.ts';
import type { CredentialRow, KeyRow, ModelRow } from './schemas.ts';
import { rejected } from './transport-errors.ts';

/** Temporary rows that show whether data survives: a provider with a value that LiteLLM shows, an alias that uses it, and a key. */
export interface Canary {
  readonly name: string;
  readonly address: string;
  readonly modelId: string;
  readonly key: Secret;
}

/** Identifies canaries, including those of a killed run. */
export const CANARY_PREFIX = 'agents-llm-canary-';

export async function makeCanary(client: AdminClient, random: string): Promise<Canary> {
  const name = `${CANARY_PREFIX}${random}`;
  const address = `http://127.0.0.1:9/${random}`;
  const modelId = crypto.randomUUID();
  await write(client, '/credentials', {
    credential_name: name,
    credential_info: { custom_llm_provider: 'openai' },
    credential_values: { api_key: `canary-${random}`, api_base: address },
  });
  await write(client, '/model/new', {
    model_name: name,
    litellm_params: { model: 'openai/canary', litellm_credential_name: name },
    model_info: { id: modelId },
  });
  const made = await generateKey(client, name, { models: [name], duration: '1h' });
  if (made === 'taken') throw new CliError('request_rejected', `LiteLLM already has a key ${name}`);
  return { name, address, modelId, key: made.key };
}

/** What has changed since it was created, in words; empty if nothing has. */
export async function missOfCanary(client: AdminClient, { name, address, modelId, key }: Canary): Promise<string[]> {
  const [credentials, models] = await Promise.all([listCredentials(client), listModels(client)]);
  const credential = credentials.find((row) => row.credential_name === name);
  const misses: string[] = [];
  if (!credential) misses.push('its provider no longer exists');
  else if (credential.credential_values?.api_base !== address) misses.push('its provider cannot be decrypted');
  if (!models.some((row) => row.model_info.id === modelId))
    misses.push('its alias no longer exists or cannot be decrypted');
  const served = await servedModels(client, key).catch((error: unknown) => {
    if (error instanceof CliError && error.code === 'request_rejected') return undefined;
    throw error;
  });
  if (served === undefined) misses.push('its key is refused');
  else if (!served.includes(name)) misses.push('its key cannot call its alias');
  return misses;
}

const isCanary = (name: string | null | undefined): name is string => name?.startsWith(CANARY_PREFIX) ?? false;

/** The names of the canaries among what LiteLLM has, each once. */
export function canaryNames(given: {
  readonly credentials: readonly CredentialRow[];
  readonly models: readonly ModelRow[];
  readonly keys: readonly KeyRow[];
}): string[] {
  const names = [
    ...given.keys.map(({ key_alias }) => key_alias),
    ...given.models.map(({ model_name }) => model_name),
    ...given.credentials.map(({ credential_name }) => credential_name),
  ];
  return [...new Set(names.filter(isCanary))];
}

/** Removes all canaries, including those of killed runs, and returns their number. */
export async function removeCanaries(client: AdminClient): Promise<number> {
  const [credentials, models, keys] = await Promise.all([
    listCredentials(client),
    listModels(client),
    listKeys(client),
  ]);
  for (const { key_alias, token } of keys) {
    if (!isCanary(key_alias)) continue;
    await write(client, '/key/delete', { keys: [token] });
  }
  for (const { model_name, model_info } of models) {
    if (!isCanary(model_name)) continue;
    await write(client, '/model/delete', { id: model_info.id });
  }
  for (const { credential_name: name } of credentials) {
    if (!isCanary(name)) continue;
    await remove(client, `/credentials/${encodeURIComponent(name)}`);
  }
  return canaryNames({ credentials, models, keys }).length;
}

async function write(client: AdminClient, path: string, body: unknown): Promise<void> {
  const call = { method: 'POST', path, body } as const;
  const answer = await client.call(call);
  if (!answer.ok) throw rejected(call, answer);
}

async function remove(client: AdminClient, path: string): Promise<void> {
  const call = { method: 'DELETE', path } as const;
  const answer = await client.call(call);
  if (!answer.ok && answer.status !== 404) throw rejected(call, answer);
}
