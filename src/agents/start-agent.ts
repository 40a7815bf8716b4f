import { join } from 'node:path';
import type { Context } from '../context/context.ts';
import type { Invocation } from '../context/invocation.ts';
import type { AdminClient } from '../litellm/admin/client.ts';
import type { ProvisionedKey } from '../litellm/keys/key-wish.ts';
import { type AdminFlags, openAdmin } from '../litellm/open-admin.ts';
import { requireChatModel } from '../litellm/requests/require-chat-model.ts';
import type { Agent, AgentSetup, GatewayAccess } from './agent.ts';
import { keyAliasOf, provisionAgentKey } from './agent-key.ts';

export interface AgentWish {
  /** The alias that the agent uses. */
  readonly model: string;
  /** The name of its virtual key; `agent-NAME` when left out. */
  readonly keyAlias?: string | undefined;
  /** US dollars. */
  readonly maxBudget?: number | undefined;
}

/** An agent with a virtual key and everything that makes it use the gateway. */
export interface ReadyAgent extends AgentSetup {
  readonly key: ProvisionedKey;
  readonly client: AdminClient;
}

/** Checks the alias, finds or creates the agent's virtual key and, if it needs one, writes the copy of its settings. */
export async function readyAgent(
  agent: Agent,
  wish: AgentWish,
  flags: AdminFlags,
  invocation: Pick<Invocation, 'context' | 'settings' | 'redaction' | 'warn'>,
): Promise<ReadyAgent> {
  const { context, settings } = invocation;
  const admin = await openAdmin(invocation, flags);
  const allowed = requireChatModel(admin.client, wish.model);
  const provisioned = await provisionAgentKey(
    admin,
    { alias: keyAliasOf(agent.name, wish.keyAlias), maxBudget: wish.maxBudget },
    invocation,
    allowed,
  );
  const key = provisioned.key.reveal();
  const access = { root: admin.client.target.url, key, model: wish.model, limits: await allowed };
  const setup = agent.setup(access);
  const folder = join(settings.paths.agents, agent.name);
  const copied = await copiedSettings(agent, folder, access, context);
  const args = [...(await argsOfSettings(agent, setup, folder, context)), ...setup.args];
  return { ...setup, args, variables: { ...setup.variables, ...copied }, key: provisioned, client: admin.client };
}

async function argsOfSettings(agent: Agent, setup: AgentSetup, folder: string, context: Context) {
  const overriding = agent.overridingSettings;
  if (!overriding) return [];
  const { overridingArgs } = await import('./overriding-args.ts');
  return overridingArgs(overriding, setup, folder, context);
}

async function copiedSettings(agent: Agent, folder: string, access: GatewayAccess, context: Context) {
  const copy = agent.settingsCopy;
  if (!copy) return {};
  const { copySettings, settingsPlace } = await import('./copy-settings.ts');
  await copySettings(copy, settingsPlace(copy, folder, context), access, context);
  return { [copy.variable]: folder };
}

/** The whole environment of the agent. */
export function environmentOf(
  { variables, removed }: AgentSetup,
  env: Context['env'],
): Readonly<Record<string, string | undefined>> {
  const kept = Object.entries(env).filter(([name]) => !removed.includes(name));
  return { ...Object.fromEntries(kept), ...variables };
}
