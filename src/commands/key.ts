import type { Command } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import { addBaseUrl } from '../cli/flag-values.ts';
import type { Invoke } from '../cli/invoke.ts';
import type { Invocation } from '../context/invocation.ts';
import { cleanMessage } from '../litellm/admin/litellm-message.ts';
import { type RevokedKey, revokeKeys, type VirtualKey, virtualKeys } from '../litellm/keys/virtual-keys.ts';
import { type AdminFlags, openAdmin } from '../litellm/open-admin.ts';
import type { Outcome } from '../model/report.ts';
import { alignColumns } from '../text/align-columns.ts';
import { dollars, givenDollars } from '../text/dollars.ts';

const RUNS = { list: runKeyList, revoke: runKeyRevoke };

export function registerKey(group: Command, invoke: Invoke, runs = RUNS): void {
  addNotes(group, NOTES);
  const list = addBaseUrl(group.command('list').description('List all virtual keys'));
  list.action(() => invoke(list, (given) => runs.list(list.opts<AdminFlags>(), given), renderKeys));
  const revoke = addBaseUrl(group.command('revoke <alias...>').description('Delete virtual keys'));
  revoke.action((aliases: string[]) =>
    invoke(revoke, (given) => runs.revoke(aliases, revoke.opts<AdminFlags>(), given), renderRevoked),
  );
}

export async function runKeyList(flags: AdminFlags, invocation: Invocation): Promise<Outcome<{ keys: VirtualKey[] }>> {
  const { client } = await openAdmin(invocation, flags);
  return { data: { keys: await virtualKeys(client, invocation.context.clock.now()) } };
}

export async function runKeyRevoke(
  aliases: readonly string[],
  flags: AdminFlags,
  invocation: Invocation,
): Promise<Outcome<{ keys: RevokedKey[] }>> {
  const keys = await revokeKeys(await openAdmin(invocation, flags), aliases);
  const unknown = keys.filter(({ change }) => change === 'unchanged').map(({ name }) => name);
  return { data: { keys }, warnings: unknown.map((name) => `Virtual key "${name}" not found`) };
}

export function renderKeys({ keys }: { readonly keys: readonly VirtualKey[] }): string {
  if (keys.length === 0) return 'No virtual keys yet\n';
  const rows = keys.map((key) => [
    key.alias ?? '-',
    key.key ?? '-',
    key.models.join(', ') || 'all',
    `${dollars(key.spend)}${key.maxBudget === null ? '' : ` of ${givenDollars(key.maxBudget)}`}`,
    key.expires?.slice(0, 10) ?? 'never',
    key.state,
    key.owner ?? '-',
  ]);
  // The mask of a key is LiteLLM's own and shows four characters.
  const clean = rows.map((row) => row.map((cell, i) => (i === 1 ? cell.replace(/[^\w.*-]/g, '') : cleanMessage(cell))));
  return `${alignColumns([['ALIAS', 'KEY', 'MODELS', 'SPEND', 'EXPIRES', 'STATE', 'OWNER'], ...clean])}\n`;
}

const renderRevoked = ({ keys }: { readonly keys: readonly RevokedKey[] }) =>
  keys.map(({ name, change }) => `${cleanMessage(name)}: ${change}\n`).join('');

const NOTES: CommandNotes = {
  examples: [
    'agents-llm key list',
    'agents-llm key list --json | jq -r ".data.keys[].alias"',
    'agents-llm key revoke agents-service',
  ],
  json: {
    list: '{keys: [{alias, key, models, spend, maxBudget, expires, state: "valid"|"expired"|"blocked", owner}]}',
    revoke: '{keys: [{name, change: "removed"|"unchanged"}]}',
  },
  exits: [4, 5, 6, 7, 8, 9, 10],
};
