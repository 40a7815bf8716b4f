import type { Command } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import { addBaseUrl, collectKeyValue } from '../cli/flag-values.ts';
import type { Invoke } from '../cli/invoke.ts';
import type { Invocation } from '../context/invocation.ts';
import { type Change, removeCredential } from '../litellm/admin/credentials.ts';
import { KEY_VARIABLES } from '../litellm/admin/known-providers.ts';
import { listProviders, type ProviderRow } from '../litellm/admin/list-providers.ts';
import { cleanMessage } from '../litellm/admin/litellm-message.ts';
import { testCredential } from '../litellm/admin/test-credential.ts';
import { addProvider, type ProviderAddFlags } from '../litellm/input/add-provider.ts';
import { type AdminFlags, openAdmin } from '../litellm/open-admin.ts';
import type { Outcome } from '../model/report.ts';
import { alignColumns } from '../text/align-columns.ts';

export interface ProviderChange {
  readonly name: string;
  readonly change: Change;
}

const RUNS = { add: runProviderAdd, list: runProviderList, remove: runProviderRemove, test: runProviderTest };

export function registerProvider(group: Command, invoke: Invoke, runs = RUNS): void {
  addNotes(group, NOTES);
  registerAdd(group, invoke, runs.add);

  const list = addBaseUrl(group.command('list').description('List the providers and the aliases that use them'));
  list.action(() => invoke(list, (given) => runs.list(list.opts<AdminFlags>(), given), renderProviders));

  const remove = addBaseUrl(group.command('remove <name>').description('Remove a provider'));
  remove.option('-f, --force', 'remove it even if aliases use it');
  remove.action((name: string) =>
    invoke(remove, (given) => runs.remove(name, remove.opts<AdminFlags & { force?: boolean }>(), given), renderChange),
  );

  const test = addBaseUrl(
    group.command('test <name>').description('Send one real request, which costs about one token'),
  );
  test.requiredOption('--model <model>', 'model to send it to');
  test.action((name: string) =>
    invoke(test, (given) => runs.test(name, test.opts<AdminFlags & { model: string }>(), given), renderTest),
  );
}

function registerAdd(group: Command, invoke: Invoke, run: typeof runProviderAdd): void {
  const add = addBaseUrl(group.command('add <name>').description('Add or update a provider key'));
  add
    .option(
      '--provider <provider>',
      `provider type: ${Object.keys(KEY_VARIABLES).slice(0, 4).join(', ')}, … (default: NAME)`,
    )
    .option('--from-env <variable>', 'read the key from this environment variable')
    .option('--from-stdin', 'read the key from stdin')
    .option('--from-file <path>', 'read the key from a file')
    .option('--api-base <url>', 'address of the provider, if it is not the usual one')
    .option('--api-version <version>', 'API version, for Azure')
    .option(
      '--set <name=value>',
      'additional provider setting, such as aws_region_name=eu-west-1 (repeatable)',
      collectKeyValue,
    )
    .option(
      '--set-from-env <name=variable>',
      'additional secret setting, read from an environment variable (repeatable)',
      collectKeyValue,
    )
    .action((name: string) => invoke(add, (given) => run(name, add.opts<ProviderAddFlags>(), given), renderChange));
}

export async function runProviderAdd(
  name: string,
  flags: ProviderAddFlags,
  invocation: Invocation,
): Promise<Outcome<ProviderChange>> {
  return { data: { name, change: await addProvider(name, flags, invocation) } };
}

export async function runProviderRemove(
  name: string,
  flags: AdminFlags & { force?: boolean },
  invocation: Invocation,
): Promise<Outcome<ProviderChange>> {
  const { client } = await openAdmin(invocation, flags);
  return { data: { name, change: await removeCredential(client, name, flags.force ?? false) } };
}

export async function runProviderTest(
  name: string,
  flags: AdminFlags & { model: string },
  invocation: Invocation,
): Promise<Outcome<{ name: string; model: string }>> {
  const { client } = await openAdmin(invocation, flags);
  return { data: { name, ...(await testCredential(client, name, flags.model)) } };
}

export function renderChange({ name, change }: { readonly name: string; readonly change: string }): string {
  return `${cleanMessage(name)}: ${change}\n`;
}

const renderTest = ({ name, model }: { name: string; model: string }) =>
  `${cleanMessage(name)}: answered as ${model}\n`;

const NOTES: CommandNotes = {
  examples: [
    'agents-llm provider add openai --from-env OPENAI_API_KEY',
    'pass show openai | agents-llm provider add work --provider openai --from-stdin',
    'agents-llm provider test openai --model gpt-4o-mini',
  ],
  json: {
    add: '{name, change: "created"|"updated"|"unchanged"}',
    list: '{providers: [{name, provider, values, aliases}]}',
    remove: '{name, change: "removed"|"unchanged"}',
    test: '{name, model}',
  },
  exits: [3, 4, 5, 6, 7, 8, 9, 10],
};

export async function runProviderList(
  flags: AdminFlags,
  invocation: Invocation,
): Promise<Outcome<{ providers: ProviderRow[] }>> {
  const { client } = await openAdmin(invocation, flags);
  return { data: { providers: await listProviders(client) } };
}

export function renderProviders({ providers }: { readonly providers: readonly ProviderRow[] }): string {
  if (providers.length === 0) return 'No providers yet\n';
  const rows = providers.map(({ name, provider, values, aliases }) => [
    name,
    provider ?? '-',
    Object.entries(values)
      .map(([key, value]) => `${key}=${value}`)
      .join(' '),
    aliases.join(', ') || '-',
  ]);
  return `${alignColumns([['NAME', 'PROVIDER', 'VALUES', 'ALIASES'], ...rows.map((row) => row.map(cleanMessage))])}\n`;
}
