import * as z from 'zod/mini';
import { CliError } from '../errors.ts';
import type { AdminClient } from './client.ts';
import { requireCredential } from './credentials.ts';
import { cleanMessage } from './litellm-message.ts';
import { TEST_RESULT } from './schemas.ts';
import { rejected } from './transport-errors.ts';

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
