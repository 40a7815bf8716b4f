import * as z from 'zod/mini';
import { CliError } from '../errors.ts';
import type { AdminClient } from './client.ts';
import { type Credential, type CredentialItem, credentialItem, matches } from './credential-item.ts';
import { cleanMessage } from './litellm-message.ts';
import { modelsUsing } from './models.ts';
import { CREDENTIALS, type CredentialRow } from './schemas.ts';
import { rejected } from './transport-errors.ts';

export type Change = 'created' | 'updated' | 'unchanged' | 'removed';

const LOOKUP = 'agents-llm provider list';

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

/** False when it exists by now: made by someone else in the meantime. */
async function create(client: AdminClient, item: CredentialItem): Promise<boolean> {
  const call = { method: 'POST', path: '/credentials', body: item, lookup: LOOKUP } as const;
  const answer = await client.call(call);
  if (answer.status === 409 || (answer.status === 500 && /unique constraint/i.test(answer.message))) return false;
  if (!answer.ok) throw rejected(call, answer);
  return true;
}

/** Versions before 1.103 answer a failure with 200: only `success: true` is one. */
async function update(client: AdminClient, item: CredentialItem): Promise<void> {
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
