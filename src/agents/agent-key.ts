import type { Operation } from '../context/invocation.ts';
import { keepOutOfLogs } from '../context/keep-out-of-logs.ts';
import type { Admin } from '../litellm/admin/admin.ts';
import type { ProvisionedKey } from '../litellm/keys/key-wish.ts';
import { type LookedUp, provisionKey } from '../litellm/keys/provision-key.ts';

/** The name of the virtual key that an agent gets when its user names none. */
export const keyAliasOf = (agent: string, wanted?: string) => wanted ?? `agent-${agent}`;

/** Creates or finds the virtual key of an agent, and keeps it out of logs. */
export async function provisionAgentKey(
  admin: Admin,
  wish: { readonly alias: string; readonly maxBudget?: number | undefined },
  invocation: Pick<Operation, 'context' | 'redaction'>,
  lookedUp?: LookedUp,
): Promise<ProvisionedKey> {
  // Agents let their user change the model, so the key serves all of them; what it may spend is limited by its budget.
  const provisioned = await provisionKey(admin, { ...wish, models: ['all-proxy-models'] }, lookedUp);
  keepOutOfLogs(provisioned.key, invocation);
  return provisioned;
}
