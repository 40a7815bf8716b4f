import { createHmac } from 'node:crypto';
import * as z from 'zod/mini';
import { CliError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import type { AdminClient } from './client.ts';
import { cleanMessage } from './litellm-message.ts';
import { modelsUsing } from './models.ts';
import { CREDENTIAL_REQUEST, CREDENTIALS, type CredentialRow, TEST_RESULT } from './schemas.ts';
import { rejected } from './transport-errors.ts';

export type Change = 'created' | 'updated' | 'unchanged' | 'removed';

export interface Credential {
  readonly name: string;
  readonly provider: string;
  readonly apiKey: Secret | undefined;
  /** What else the provider needs, such as `api_base` and `api_version`. */
  readonly values: Readonly<Record<string, string>>;
}

const LOOKUP = 'agents-llm provider list';
const FINGERPRINT = 'agents_llm_fingerprint';

/** Empty only when LiteLLM has its database: without it the list is empty too. */
export async function listCredentials(client: AdminClient): Promise<readonly CredentialRow[]> {
  const { credentials } = await client.fetch(CREDENTIALS, { method: 'GET', path: '/credentials' });
  if (credentials.length === 0) await client.requireDatabase();
  return credentials;
}

/** Throws `provider_unknown`, naming those that exist. */
export async function requireCredential(client: AdminClient, name: string): Promise<CredentialRow> {
  const rows = await listCredentials(client);
  const found = rows.find((row) => row.credential_name === name);
  if (found) return found;
  const names = rows.map((row) => row.credential_name);
  throw new CliError('provider_unknown', `LiteLLM has no provider "${cleanMessage(name)}"`, {
    hint: `${names.length > 0 ? `it has: ${names.map(cleanMessage).join(', ')}\n` : ''}add it: agents-llm provider add NAME --provider openai`,
    details: { name, providers: names },
  });
}

/** Creates or updates, then reads back. */
export async function putCredential(client: AdminClient, credential: Credential): Promise<Change> {
  const item = credentialItem(client, credential);
  const existing = (await listCredentials(client)).find((row) => row.credential_name === credential.name);
  if (existing && matches(existing, item)) return 'unchanged';
  const created = !existing && (await create(client, item));
  if (!created) await update(client, item);
  const saved = (await listCredentials(client)).find((row) => row.credential_name === credential.name);
  if (saved && matches(saved, item)) return created ? 'created' : 'updated';
  throw new CliError(
    'request_rejected',
    `LiteLLM said it had saved "${credential.name}", and shows ${saved ? 'other values' : 'none'}`,
    {
      hint: `look: ${LOOKUP}`,
    },
  );
}

type Item = z.infer<typeof CREDENTIAL_REQUEST>;

function credentialItem({ target }: AdminClient, { name, provider, apiKey, values }: Credential): Item {
  const secretValues = { ...values, ...(apiKey ? { api_key: apiKey.reveal() } : {}) };
  // Only holders of the master key can make or check it; LiteLLM's own mask shows too little to tell keys apart.
  const fingerprint = createHmac('sha256', target.masterKey.reveal())
    .update(JSON.stringify(Object.entries(secretValues).sort()))
    .digest('hex')
    .slice(0, 16);
  return z.parse(CREDENTIAL_REQUEST, {
    credential_name: name,
    credential_info: { custom_llm_provider: provider, [FINGERPRINT]: fingerprint },
    credential_values: secretValues,
  });
}

/** By fingerprint and provider, and by each value as far as its mask (`sk****78`) lets it be seen. */
function matches(row: CredentialRow, item: Item): boolean {
  const info = row.credential_info ?? {};
  const sameInfo = Object.entries(item.credential_info).every(([key, value]) => info[key] === value);
  return (
    sameInfo &&
    Object.entries(item.credential_values).every(([key, value]) => fits(row.credential_values?.[key], value))
  );
}

function fits(shown: unknown, value: string): boolean {
  if (typeof shown !== 'string') return false;
  const [start = '', end = ''] = shown.split(/\*+/);
  return shown.includes('**') ? value.startsWith(start) && value.endsWith(end) : shown === value;
}

/** False when it exists by now: made by someone else in the meantime. */
async function create(client: AdminClient, item: Item): Promise<boolean> {
  const call = { method: 'POST', path: '/credentials', body: item, lookup: LOOKUP } as const;
  const answer = await client.call(call);
  if (answer.status === 409 || (answer.status === 500 && /unique constraint/i.test(answer.message))) return false;
  if (!answer.ok) throw rejected(call, answer);
  return true;
}

/** Versions before 1.103 answer a failure with 200: only `success: true` is one. */
async function update(client: AdminClient, item: Item): Promise<void> {
  const path = `/credentials/${encodeURIComponent(item.credential_name)}`;
  const call = { method: 'PATCH', path, body: item, lookup: LOOKUP } as const;
  const answer = await client.call(call);
  if (answer.ok && z.safeParse(z.object({ success: z.literal(true) }), answer.body).success) return;
  const message = z.safeParse(z.object({ message: z.string() }), answer.body).data?.message ?? '';
  throw rejected(call, { ...answer, message: answer.message || cleanMessage(message) });
}

/** Refuses while models use it, unless `force`. Gone already is `unchanged`. */
export async function removeCredential(client: AdminClient, name: string, force: boolean): Promise<Change> {
  const exists = async () => (await listCredentials(client)).some((row) => row.credential_name === name);
  if (!(await exists())) return 'unchanged';
  const users = await modelsUsing(client, name);
  if (users.length > 0 && !force) {
    throw new CliError('provider_in_use', `"${name}" is used by: ${users.join(', ')}`, {
      hint: `remove them first: agents-llm alias remove ${users[0]}\nor leave them without a key: --force`,
      details: { name, aliases: users },
    });
  }
  const call = { method: 'DELETE', path: `/credentials/${encodeURIComponent(name)}`, lookup: LOOKUP } as const;
  const answer = await client.call(call);
  if (!answer.ok && answer.status !== 404) throw rejected(call, answer);
  if (await exists()) throw rejected(call, { ...answer, message: 'it is still there' });
  return 'removed';
}

/** One real call with the provider's key. Throws `provider_failed` with the provider's words. */
export async function testCredential(
  client: AdminClient,
  name: string,
  model: string,
): Promise<{ readonly model: string }> {
  const row = await requireCredential(client, name);
  const provider = row.credential_info?.custom_llm_provider;
  const full = model.includes('/') || typeof provider !== 'string' ? model : `${provider}/${model}`;
  const body = { litellm_params: { model: full, litellm_credential_name: name } };
  const call = { method: 'POST', path: '/health/test_connection', body, timeoutMs: 120_000 } as const;
  const answer = await client.call(call);
  if (!answer.ok) throw rejected(call, answer);
  const result = z.safeParse(TEST_RESULT, answer.body).data;
  if (result?.status === 'success') return { model: full };
  const why = cleanMessage(result?.result?.error ?? '').replace(/^litellm\.\w+: /, '');
  throw new CliError(
    'provider_failed',
    `the provider "${name}" did not answer as ${full}: ${why || 'no reason given'}`,
    {
      hint: `put in another key: agents-llm provider add ${name} --provider ${provider ?? 'openai'} --from-stdin`,
      details: { name, model: full },
    },
  );
}
