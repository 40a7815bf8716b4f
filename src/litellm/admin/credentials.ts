import * as z from 'zod/mini';
import { CliError } from '../../model/errors.ts';
import { listed, shellWord } from '../../text/shown-text.ts';
import type { AdminClient } from './client.ts';
import { type Credential, type CredentialItem, credentialItem, matches, surplusValues } from './credential-item.ts';
import { cleanMessage } from './litellm-message.ts';
import { modelsUsing } from './models.ts';
import { FILE_MARK } from './owner-mark.ts';
import { CREDENTIALS, type CredentialRow } from './schemas.ts';
import { rejected } from './transport-errors.ts';

export type Change = 'created' | 'updated' | 'unchanged' | 'removed';

const LOOKUP = 'agents-llm provider list';

/** Checks the database if the list is empty, because LiteLLM also returns an empty list without a database. */
export async function listCredentials(client: AdminClient): Promise<readonly CredentialRow[]> {
  const { credentials } = await client.fetch(CREDENTIALS, { method: 'GET', path: '/credentials' });
  if (credentials.length === 0) await client.requireDatabase();
  return [...new Map(credentials.map((row) => [row.credential_name, row])).values()];
}

export const credentialName = (row: CredentialRow): string => row.credential_name;

/** Throws `provider_unknown` with the existing names. */
export async function requireCredential(client: AdminClient, name: string): Promise<CredentialRow> {
  const rows = await listCredentials(client);
  const found = rows.find((row) => row.credential_name === name);
  if (found) return found;
  throw providerUnknown(
    name,
    rows.map((row) => row.credential_name),
  );
}

/** `names` are the providers of LiteLLM or of the file. */
export function providerUnknown(name: string, names: readonly string[]): CliError {
  return new CliError('provider_unknown', `LiteLLM has no provider "${cleanMessage(name)}"`, {
    hint: [
      ...(names.length > 0 ? [`Use one of: ${listed(names)}`] : []),
      `${names.length > 0 ? 'Or add' : 'Add'} it: agents-llm provider add NAME --provider openai`,
    ],
    details: { name, providers: names },
  });
}

/** Creates or updates, then reads back. */
export async function putCredential(client: AdminClient, credential: Credential): Promise<Change> {
  const item = credentialItem(client, credential);
  const existing = (await listCredentials(client)).find((row) => row.credential_name === credential.name);
  const isSurplus = existing && credential.exact && surplusValues(existing, item).length > 0;
  if (existing && !isSurplus && matches(existing, item)) return 'unchanged';
  // Recreated, because not every version can remove a single value.
  if (isSurplus) await deleteCredential(client, credential.name);
  const mark = existing || credential.file === undefined ? {} : { [FILE_MARK]: credential.file };
  const info = { ...existing?.credential_info, ...item.credential_info, ...mark };
  const isMissing = !existing || isSurplus;
  const made = isMissing && (await create(client, { ...item, credential_info: info }));
  if (!made) await update(client, { ...item, credential_info: info });
  const saved = (await listCredentials(client)).find((row) => row.credential_name === credential.name);
  if (saved && matches(saved, item)) return made && !existing ? 'created' : 'updated';
  throw new CliError(
    'request_rejected',
    `LiteLLM accepted provider "${credential.name}" but shows ${saved ? 'other values' : 'none by that name'}`,
    {
      hint: `Check what it has: ${LOOKUP}`,
    },
  );
}

/** False if someone else has created it in the meantime. */
async function create(client: AdminClient, item: CredentialItem): Promise<boolean> {
  const call = { method: 'POST', path: '/credentials', body: item, lookup: LOOKUP } as const;
  const answer = await client.call(call);
  if (answer.status === 409 || (answer.status === 500 && /unique constraint/i.test(answer.message))) return false;
  if (!answer.ok) throw rejected(call, answer);
  return true;
}

/** Versions before 1.103 also answer a failure with 200, so only `success: true` counts. */
async function update(client: AdminClient, item: CredentialItem): Promise<void> {
  const path = `/credentials/${encodeURIComponent(item.credential_name)}`;
  const call = { method: 'PATCH', path, body: item, lookup: LOOKUP } as const;
  const answer = await client.call(call);
  if (answer.ok && z.safeParse(z.object({ success: z.literal(true) }), answer.body).success) return;
  const message = z.safeParse(z.object({ message: z.string() }), answer.body).data?.message ?? '';
  throw rejected(call, { ...answer, message: answer.message || cleanMessage(message) });
}

/** Refuses while models use it, unless `force` is set. `unchanged` if it does not exist. */
export async function removeCredential(client: AdminClient, name: string, force: boolean): Promise<Change> {
  const exists = async () => (await listCredentials(client)).some((row) => row.credential_name === name);
  if (!(await exists())) return 'unchanged';
  const users = await modelsUsing(client, name);
  if (users.length > 0 && !force) {
    throw new CliError('provider_in_use', `Provider "${name}" is in use by ${users.join(', ')}`, {
      hint: [
        `Remove these aliases first: agents-llm alias remove ${shellWord(users[0] ?? '')}`,
        'Or leave them without a key with --force',
      ],
      details: { name, aliases: users },
    });
  }
  const rejection = await deleteCredential(client, name);
  if (await exists()) throw rejection('it still exists');
  return 'removed';
}

/** Succeeds if it does not exist. */
async function deleteCredential(client: AdminClient, name: string) {
  const call = { method: 'DELETE', path: `/credentials/${encodeURIComponent(name)}`, lookup: LOOKUP } as const;
  const answer = await client.call(call);
  if (!answer.ok && answer.status !== 404) throw rejected(call, answer);
  return (message: string) => rejected(call, { ...answer, message });
}
