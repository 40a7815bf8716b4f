import type { Operation } from '../context/invocation.ts';
import { keepOutOfLogs } from '../context/keep-out-of-logs.ts';
import type { Admin } from '../litellm/admin/admin.ts';
import type { ProvisionedKey } from '../litellm/keys/key-wish.ts';
import { provisionKey } from '../litellm/keys/provision-key.ts';

/** The name of an agent's virtual key: the one that was given, or the default. */
export const keyAliasOf = (agent: string, wanted?: string) => wanted ?? `agent-${agent}`;

/** Creates or finds the virtual key of an agent, if `allowed` succeeds, and keeps it out of logs. */
export async function provisionAgentKey(
  admin: Admin,
  wish: { readonly alias: string; readonly maxBudget?: number | undefined },
  invocation: Pick<Operation, 'context' | 'redaction'>,
  allowed?: Promise<unknown>,
): Promise<ProvisionedKey> {
  // Users switch models inside an agent, so the key allows all of them and only its budget limits it.
  const provisioned = await provisionKey(admin, { ...wish, models: ['all-proxy-models'] }, allowed);
  keepOutOfLogs(provisioned.key, invocation);
  return provisioned;
}
