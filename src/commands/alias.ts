import type { Command } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import { addBaseUrl, collectKeyValue, jsonValues } from '../cli/flag-values.ts';
import type { Invoke } from '../cli/invoke.ts';
import type { Invocation } from '../context/invocation.ts';
import { putAlias, removeAlias } from '../litellm/admin/aliases.ts';
import type { Change } from '../litellm/admin/credentials.ts';
import { cleanMessage } from '../litellm/admin/litellm-message.ts';
import { listModels, servedAliases } from '../litellm/admin/models.ts';
import { askTarget, canAsk, providerOf } from '../litellm/input/ask-target.ts';
import { type AdminFlags, changing, openAdmin } from '../litellm/open-admin.ts';
import { CliError } from '../model/errors.ts';
import type { Outcome } from '../model/report.ts';
import { alignColumns } from '../text/align-columns.ts';
import { shellWord } from '../text/shown-text.ts';
import { type ProviderChange, renderChange } from './provider.ts';

export interface AliasAddFlags extends AdminFlags {
  readonly target?: string;
  readonly provider?: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly dropParams?: boolean;
  readonly force?: boolean;
  readonly append?: boolean;
}

const RUNS = { add: runAliasAdd, list: runAliasList, remove: runAliasRemove };

export function registerAlias(group: Command, invoke: Invoke, runs = RUNS): void {
  addNotes(group, NOTES);
  const add = addBaseUrl(group.command('add <name>').description('Create a model alias, or change its target'));
  add
    .option('--target <model>', 'target model: openai/gpt-4o')
    .option('--provider <name>', 'provider whose key is used (see "provider list")')
    .option('--set <name=value>', 'additional litellm_params value, JSON or text (repeatable)', collectKeyValue)
    .option('--drop-params', 'drop parameters that the model does not support')
    .option('-f, --force', 'replace several targets of this alias by this one')
    .option('--append', 'add a target, load-balanced with the existing ones')
    .action((name: string) => invoke(add, (given) => runs.add(name, add.opts<AliasAddFlags>(), given), renderChange));

  const list = addBaseUrl(group.command('list').description('List the aliases with their targets and prices'));
  list.action(() => invoke(list, (given) => runs.list(list.opts<AdminFlags>(), given), renderAliases));

  const remove = addBaseUrl(group.command('remove <name>').description('Remove an alias'));
  remove.option('-f, --force', 'remove it even if it has several targets');
  remove.action((name: string) =>
    invoke(remove, (given) => runs.remove(name, remove.opts<AdminFlags & { force?: boolean }>(), given), renderChange),
  );
}

export async function runAliasAdd(
  name: string,
  flags: AliasAddFlags,
  invocation: Invocation,
): Promise<Outcome<ProviderChange>> {
  if (name.trim() === '' || flags.target === '')
    throw new CliError('usage', 'An alias needs a name and a target', {
      hint: 'Name both: agents-llm alias add gpt-5 --target openai/gpt-4o',
    });
  if (flags.force && flags.append)
    throw new CliError('usage', '--force and --append cannot be used together', {
      hint: 'Choose one: agents-llm alias add --help',
    });
  if (flags.target === undefined && !canAsk(invocation.context))
    throw new CliError('usage', 'Missing target model', {
      hint: 'Add the target: --target openai/gpt-4o',
    });
  const { client } = await openAdmin(invocation, flags);
  const target = flags.target ?? (await askTarget(client, await providerOf(client, flags.provider), invocation));
  const params = { ...jsonValues(flags.set), ...(flags.dropParams ? { drop_params: true } : {}) };
  const { provider: credential, force = false, append = false } = flags;
  const put = () => putAlias(client, { name, target, credential, params, force, append });
  return { data: { name, change: await changing(invocation, client, 'alias add', put) } };
}

export async function runAliasRemove(
  name: string,
  flags: AdminFlags & { force?: boolean },
  invocation: Invocation,
): Promise<Outcome<ProviderChange>> {
  const { client } = await openAdmin(invocation, flags);
  const { change, pattern } = await removeAlias(client, name, flags.force ?? false);
  return { data: { name, change }, warnings: pattern === undefined ? [] : [patternStays(name, pattern, change)] };
}

function patternStays(name: string, pattern: string, change: Change): string {
  const [alias, shown] = [cleanMessage(name), cleanMessage(pattern)];
  if (change === 'removed') return `The pattern "${shown}" still answers to "${alias}"`;
  const command = `agents-llm alias remove ${shellWord(shown)}`;
  return `"${alias}" has no row of its own: it comes from the pattern "${shown}". To remove the pattern: ${command}`;
}

const NOTES: CommandNotes = {
  examples: [
    'agents-llm alias add gpt-5 --target openai/gpt-4o --provider openai',
    'agents-llm alias add local --target ollama/llama3 --set api_base=http://host.docker.internal:11434',
  ],
  json: {
    add: '{name, change: "created"|"updated"|"unchanged"}',
    list: '{aliases: [{name, target, provider, pattern, live, inputPrice, outputPrice}]}',
    remove: '{name, change: "removed"|"unchanged"}',
  },
  exits: [3, 4, 5, 6, 7, 8, 9, 10],
};

export interface AliasRow {
  readonly name: string;
  readonly target: string;
  readonly provider: string | null;
  /** Whether it answers to every name that its `*` stands for. */
  readonly pattern: boolean;
  /** Whether the router serves it. */
  readonly live: boolean;
  /** US dollars for a million tokens; null when LiteLLM knows no price. */
  readonly inputPrice: number | null;
  readonly outputPrice: number | null;
}

export async function runAliasList(
  flags: AdminFlags,
  invocation: Invocation,
): Promise<Outcome<{ aliases: AliasRow[] }>> {
  const { client } = await openAdmin(invocation, flags);
  const [rows, names] = await Promise.all([listModels(client), servedAliases(client)]);
  const served = new Set(names);
  const price = (perToken: number | null | undefined) =>
    perToken == null ? null : Number((perToken * 1e6).toPrecision(6));
  const aliases = rows.map(({ model_name: name, litellm_params: params, model_info: info }) => ({
    name,
    target: String(params.model ?? ''),
    provider: typeof params.litellm_credential_name === 'string' ? params.litellm_credential_name : null,
    pattern: name.includes('*'),
    live: served.has(name),
    inputPrice: price(info.input_cost_per_token),
    outputPrice: price(info.output_cost_per_token),
  }));
  return { data: { aliases } };
}

function stateOf({ live, pattern }: AliasRow): string {
  if (!live) return 'not served';
  return pattern ? 'pattern' : 'live';
}

export function renderAliases({ aliases }: { readonly aliases: readonly AliasRow[] }): string {
  if (aliases.length === 0) return 'No aliases yet\n';
  const rows = aliases.map((row) => [
    cleanMessage(row.name),
    cleanMessage(row.target),
    cleanMessage(row.provider ?? '-'),
    stateOf(row),
    row.inputPrice === null ? '-' : `$${row.inputPrice} / $${row.outputPrice ?? '?'}`,
  ]);
  return `${alignColumns([['NAME', 'TARGET', 'PROVIDER', 'STATE', 'PER 1M TOKENS'], ...rows])}\n`;
}
