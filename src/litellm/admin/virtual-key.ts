import { CliError } from '../../model/errors.ts';
import type { Secret } from '../../model/secret.ts';
import type { AdminClient } from './client.ts';
import type { Credential } from './credential-item.ts';
import { keyHash } from './keys.ts';
import { cleanMessage } from './litellm-message.ts';
import { rejected } from './transport-errors.ts';

/** Whether it is a virtual key of this LiteLLM, which a shell with the gateway's variables has in place of a provider key. */
export async function isVirtualKey(client: AdminClient, key: Secret): Promise<boolean> {
  const call = { method: 'GET', path: `/key/info?key=${keyHash(key)}` } as const;
  const answer = await client.call(call);
  if (!answer.ok && answer.status !== 404) throw rejected(call, answer);
  return answer.ok;
}

/** LiteLLM would send requests to itself, and the provider key, which nobody can read back, would be overwritten. */
export async function refuseVirtualKey(client: AdminClient, { name, apiKey }: Credential): Promise<void> {
  if (!apiKey || !(await isVirtualKey(client, apiKey))) return;
  throw new CliError(
    'usage',
    `The key given for ${cleanMessage(name)} is a virtual key of this LiteLLM, but a provider key is needed`,
    {
      hint: 'Give the provider key with --from-env VARIABLE, --from-stdin or --from-file PATH',
      details: { provider: name },
    },
  );
}
