import * as z from 'zod/mini';
import { CliError } from '../../model/errors.ts';
import { shellWord } from '../../text/shown-text.ts';
import { networkHint } from '../requests/network-hint.ts';
import type { AdminClient } from './client.ts';
import type { Credential } from './credential-item.ts';
import { listCredentials, requireCredential } from './credentials.ts';
import { cleanMessage } from './litellm-message.ts';
import { TEST_RESULT } from './schemas.ts';
import { rejected } from './transport-errors.ts';

/** Sends one real request with the provider key. Throws `provider_failed` with the provider's message. */
export async function testCredential(
  client: AdminClient,
  name: string,
  model: string,
): Promise<{ readonly model: string }> {
  const row = await requireCredential(client, name);
  const provider = row.credential_info?.custom_llm_provider;
  const full = model.includes('/') || typeof provider !== 'string' ? model : `${provider}/${model}`;
  const result = await askOnce(client, { model: full, litellm_credential_name: name });
  if (result.ok) return { model: full };
  if (result.network !== undefined) throw providerFailed(name, full, result.why, result.network);
  const hint = isAboutKey(result.why)
    ? `Replace the key: agents-llm provider add ${shellWord(name)} --provider ${shellWord(typeof provider === 'string' ? provider : 'openai')} --from-stdin`
    : 'Check the model and the settings of the provider: agents-llm provider list';
  throw providerFailed(name, full, result.why, hint);
}

/** Like `testCredential`, but before the credential is stored, so that nothing changes if the key is refused. */
export async function probeCredential(
  client: AdminClient,
  { name, provider, apiKey, values, exact }: Credential,
  model: string,
  toSkip: string,
): Promise<void> {
  const full = model.includes('/') ? model : `${provider}/${model}`;
  const secret = apiKey === undefined ? {} : { api_key: apiKey.reveal() };
  const rows = exact ? [] : await listCredentials(client);
  // LiteLLM merges these values with the stored ones of that name, as storing them would.
  const stored = rows.some((row) => row.credential_name === name) ? { litellm_credential_name: name } : {};
  const result = await askOnce(client, { ...values, ...secret, ...stored, model: full });
  if (result.ok) return;
  const skipCheck = `Or skip this check: ${toSkip}`;
  if (result.network !== undefined) throw providerFailed(name, full, result.why, `${result.network}\n${skipCheck}`);
  const remedy = isAboutKey(result.why) ? 'Give another key' : 'Check the model and the settings of the provider';
  throw providerFailed(name, full, result.why, `${remedy} (nothing was changed)\n${skipCheck}`);
}

const isAboutKey = (why: string) => /auth|api.?key|permission|\b40[13]\b/i.test(why);

type Answer =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: string; readonly network: string | undefined };

async function askOnce(client: AdminClient, params: Readonly<Record<string, string>>): Promise<Answer> {
  const body = { litellm_params: params };
  const call = { method: 'POST', path: '/health/test_connection', body, timeoutMs: 120_000 } as const;
  const answer = await client.call(call);
  if (!answer.ok) throw rejected(call, answer);
  const result = z.safeParse(TEST_RESULT, answer.body).data;
  if (result?.status === 'success') return { ok: true };
  const words = result?.result?.error ?? '';
  return { ok: false, why: cleanMessage(words).replace(/^litellm\.\w+: /, ''), network: networkHint(words) };
}

function providerFailed(name: string, model: string, why: string, hint: string): CliError {
  return new CliError('provider_failed', `Provider "${name}" did not answer as ${model}: ${why || 'no reason given'}`, {
    hint,
    details: { name, model },
  });
}
