import type { Command } from 'commander';
import { keyAliasOf, provisionAgentKey } from '../../agents/agent-key.ts';
import { connectable } from '../../agents/connect/connections.ts';
import { describeChanges, withoutSecrets } from '../../agents/connect/describe-changes.ts';
import type { SettingChange } from '../../agents/connect/plan-connection.ts';
import { type AgentFlags, addAgentOptions } from '../../cli/agent-flags.ts';
import { addNotes, type CommandNotes } from '../../cli/command-help.ts';
import type { Invoke } from '../../cli/invoke.ts';
import type { Invocation } from '../../context/invocation.ts';
import { openAdmin } from '../../litellm/open-admin.ts';
import { requireChatModel } from '../../litellm/requests/require-chat-model.ts';
import type { Outcome } from '../../model/report.ts';
import { npxLine } from '../../model/settings.ts';
import { shellWord } from '../../text/shown-text.ts';

/** Loaded when it is needed, because the formats of the agents' settings are 350 kB that `--help` does without. */
const connecting = () => import('../../agents/connect/connect-agent.ts');

export interface ConnectFlags extends AgentFlags {
  readonly dryRun?: boolean;
}

export interface ConnectData {
  readonly project: string;
  readonly agent: string;
  readonly title: string;
  readonly gateway: string;
  readonly model: string;
  readonly keyAlias: string;
  /** Without the values of secrets. */
  readonly changes: readonly SettingChange[];
  readonly dryRun: boolean;
}

export function registerConnect(command: Command, invoke: Invoke): void {
  addNotes(command, CONNECT_NOTES);
  addAgentOptions(command)
    .argument('<agent>', 'the agent whose settings are written')
    .option('--dry-run', 'show what would be written')
    .action((name: string) => {
      const flags = command.opts<ConnectFlags>();
      return invoke(command, (invocation) => runConnect(name, flags, invocation), renderConnect);
    });
}

/** Writes the agent's own settings once, so that it uses the gateway however it is started. */
export async function runConnect(
  name: string,
  flags: ConnectFlags,
  invocation: Invocation,
): Promise<Outcome<ConnectData>> {
  const { context, settings } = invocation;
  const agent = connectable(name);
  const admin = await openAdmin(invocation, flags);
  const limits = await requireChatModel(admin.client, flags.model);
  const folder = settings.paths.agents;
  const { url: gateway, startCommand } = admin.client.target;
  const { carryOut, planConnection } = await connecting();
  const plan = async (key: string, keyAlias: string) => {
    const access = { root: gateway, key, model: flags.model, limits };
    return planConnection(agent, { folder, access, isOwnStack: startCommand !== null, keyAlias }, context);
  };
  // Planned with a placeholder first, so that files that cannot be written fail before a key is created.
  let keyAlias = keyAliasOf(name, flags.keyAlias);
  let planned = await plan('(new virtual key)', keyAlias);
  const warnings: string[] = [];
  if (!flags.dryRun) {
    const key = await provisionAgentKey(admin, { alias: keyAlias, maxBudget: flags.maxBudget }, invocation);
    keyAlias = key.alias;
    planned = await plan(key.key.reveal(), keyAlias);
    warnings.push(...key.warnings);
    await carryOut(folder, planned, context);
  }
  const changes = planned.files.flatMap((file) => file.changes).map(withoutSecrets);
  const { title } = agent;
  const { model, dryRun = false } = flags;
  const data = { project: settings.project, agent: name, title, gateway, model, keyAlias, changes, dryRun };
  return { data, warnings };
}

function renderConnect({ project, agent, title, gateway, model, keyAlias, changes, dryRun }: ConnectData): string {
  const undo = `Undo it: ${npxLine(project, `disconnect ${agent}`)}\n`;
  if (changes.length === 0) return `${title} is already connected to ${gateway}\n${undo}`;
  const result = dryRun
    ? 'Nothing was written (--dry-run)\n'
    : `Connected ${title} to ${gateway} with model ${model} and virtual key ${keyAlias}\n${undo}`;
  return `${describeChanges(changes)}${result}`;
}

export interface DisconnectData {
  readonly project: string;
  readonly agent: string;
  readonly title: string;
  /** The LiteLLM that has the virtual key; null for the stack of the project. */
  readonly otherGateway: string | null;
  readonly change: 'removed' | 'unchanged';
  readonly changes: readonly SettingChange[];
  /** Settings that someone has changed since, which stay as they are. */
  readonly kept: readonly { readonly file: string; readonly setting: string }[];
  /** Null where there is none to revoke. */
  readonly keyAlias: string | null;
}

export function registerDisconnect(command: Command, invoke: Invoke): void {
  addNotes(command, DISCONNECT_NOTES);
  command
    .argument('<agent>', 'the agent whose settings are taken back')
    .action((name: string) => invoke(command, (invocation) => runDisconnect(name, invocation), renderDisconnect));
}

/** Removes what `connect` wrote, except for settings that have changed since. */
export async function runDisconnect(name: string, { context, settings }: Invocation): Promise<Outcome<DisconnectData>> {
  const { title } = connectable(name);
  const which = { project: settings.project, agent: name, title };
  const { disconnect } = await connecting();
  const done = await disconnect(name, settings.paths.agents, context);
  if (done === undefined) {
    const nothing = { otherGateway: null, change: 'unchanged', changes: [], kept: [], keyAlias: null } as const;
    return { data: { ...which, ...nothing }, warnings: [`${title} is not connected`] };
  }
  const { kept } = done;
  // Its key is gone with the stack.
  const isGone = done.isOwnStack && (await context.files.size(settings.paths.state)) === undefined;
  const keyAlias = isGone ? null : done.keyAlias;
  const otherGateway = done.isOwnStack ? null : done.gateway;
  const changes = done.changes.map(withoutSecrets);
  return {
    data: { ...which, otherGateway, change: 'removed', changes, kept, keyAlias },
    warnings: kept.map(({ file, setting }) => `${setting} in ${file} has changed since, so it stays as it is`),
  };
}

function renderDisconnect({ project, title, otherGateway, change, changes, keyAlias }: DisconnectData): string {
  if (change === 'unchanged') return '';
  const elsewhere = otherGateway === null ? '' : ` --base-url ${shellWord(otherGateway)}`;
  const revoke =
    keyAlias === null
      ? ''
      : `Revoke its virtual key: ${npxLine(project, `key revoke ${shellWord(keyAlias)}${elsewhere}`)}\n`;
  return `${describeChanges(changes)}Disconnected ${title}\n${revoke}`;
}

const CONNECT_NOTES: CommandNotes = {
  examples: ['agents-llm connect claude --dry-run', 'agents-llm connect opencode --model fast'],
  json: '{project, agent, title, gateway, model, keyAlias, changes: [{file, setting, before, after}], dryRun}',
  exits: [3, 4, 5, 6, 7, 8, 9, 10],
};

const DISCONNECT_NOTES: CommandNotes = {
  examples: ['agents-llm disconnect claude'],
  json: '{project, agent, title, otherGateway, change: "removed"|"unchanged", changes: [{file, setting, before, after}], kept: [{file, setting}], keyAlias}',
  exits: [],
};
