import { CliError } from '../../model/errors.ts';
import type { Secret } from '../../model/secret.ts';
import type { AdminClient } from './client.ts';
import type { Credential } from './credential-item.ts';
import { keyHash } from './keys.ts';
import { cleanMessage } from './litellm-message.ts';
import { rejected } from './transport-errors.ts';

/** Whether this LiteLLM made it: a shell that has been given the variables of the gateway holds it as a provider's key. */
export async function isVirtualKey(client: AdminClient, key: Secret): Promise<boolean> {
  const call = { method: 'GET', path: `/key/info?key=${keyHash(key)}` } as const;
  const answer = await client.call(call);
  if (!answer.ok && answer.status !== 404) throw rejected(call, answer);
  return answer.ok;
}

/** LiteLLM would ask itself, and the provider's own key, which it shows to nobody, would be gone. */
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
