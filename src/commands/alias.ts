import { type Command, Option } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import { addBaseUrl, collectKeyValue, jsonValues, parseDollars, parseNames } from '../cli/flag-values.ts';
import type { Invoke } from '../cli/invoke.ts';
import type { Invocation } from '../context/invocation.ts';
import { cleanMessage } from '../litellm/admin/litellm-message.ts';
import { MODES, mockTarget, paramsOf } from '../litellm/aliases/alias-fields.ts';
import { addAlias, removeWithFallbacks } from '../litellm/aliases/change-alias.ts';
import { requireOthers } from '../litellm/aliases/fallbacks.ts';
import { type AliasRow, listAliases } from '../litellm/aliases/list-aliases.ts';
import { askTarget, canAsk, providerOf } from '../litellm/input/ask-target.ts';
import { requireNoSecrets } from '../litellm/input/provider-values.ts';
import { type AdminFlags, openAdmin } from '../litellm/open-admin.ts';
import { CliError } from '../model/errors.ts';
import type { Outcome } from '../model/report.ts';
import { alignColumns } from '../text/align-columns.ts';
import { givenDollars } from '../text/dollars.ts';
import { type ProviderChange, renderChange } from './provider.ts';

export interface AliasAddFlags extends AdminFlags {
  readonly target?: string;
  readonly provider?: string;
  readonly set?: Readonly<Record<string, string>>;
  /** Undefined to decide by the names of alias and target. */
  readonly dropParams?: boolean;
  readonly mock?: string;
  /** False removes them. */
  readonly fallback?: readonly string[] | false;
  readonly mode?: (typeof MODES)[number];
  readonly baseModel?: string;
  readonly inputPrice?: number;
  readonly outputPrice?: number;
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
    .option('--mock <text>', 'answer with this text instead of asking a model (needs no provider key)')
    .option('--fallback <names>', 'aliases to try in turn when this one fails: fast,local', parseNames)
    .option('--no-fallback', 'remove its fallbacks')
    .option('--drop-params', 'drop parameters that the target does not support (default: if the name is another model)')
    .option('--no-drop-params', 'send every parameter')
    .addOption(new Option('--mode <mode>', 'what the model is for').choices(MODES))
    .option('--base-model <model>', 'model whose price counts, if LiteLLM does not know the target')
    .option('--input-price <dollars>', 'price of a million input tokens', parseDollars)
    .option('--output-price <dollars>', 'price of a million output tokens', parseDollars)
    .option('-f, --force', 'replace several targets of this alias by this one')
    .option('--append', 'add a target, load-balanced with the existing ones')
    .action((name: string) => invoke(add, (given) => runs.add(name, add.opts<AliasAddFlags>(), given), renderAdded));

  const list = addBaseUrl(group.command('list').description('List the aliases with their targets and prices'));
  list.action(() => invoke(list, (given) => runs.list(list.opts<AdminFlags>(), given), renderAliases));

  const remove = addBaseUrl(group.command('remove <name>').description('Remove an alias'));
  remove.option('-f, --force', 'remove it even if it has several targets');
  remove.action((name: string) =>
    invoke(remove, (given) => runs.remove(name, remove.opts<AdminFlags & { force?: boolean }>(), given), renderChange),
  );
}

export interface AliasChange extends ProviderChange {
  /** Whether parameters that the target does not support are dropped. */
  readonly dropParams: boolean;
}

export async function runAliasAdd(
  name: string,
  flags: AliasAddFlags,
  invocation: Invocation,
): Promise<Outcome<AliasChange>> {
  checkFlags(name, flags, invocation);
  const { client } = await openAdmin(invocation, flags);
  const mocked = flags.mock === undefined ? undefined : mockTarget(name);
  const target =
    flags.target ?? mocked ?? (await askTarget(client, await providerOf(client, flags.provider), invocation));
  const params = {
    ...jsonValues(flags.set),
    ...(flags.dropParams === undefined ? {} : { drop_params: flags.dropParams }),
    ...paramsOf(flags),
  };
  const added = await addAlias(
    client,
    {
      name,
      target,
      credential: flags.provider,
      params,
      fallbacks: flags.fallback === false ? [] : flags.fallback,
      force: flags.force ?? false,
      append: flags.append ?? false,
    },
    invocation,
  );
  return { data: { name, ...added } };
}

/** Checked before any request is sent. */
function checkFlags(
  name: string,
  { target, mock, set, force, append, fallback }: AliasAddFlags,
  { context }: Invocation,
) {
  if (name.trim() === '' || target === '' || mock === '')
    throw new CliError('usage', 'An alias needs a name and a target', {
      hint: 'Name both: agents-llm alias add gpt-5 --target openai/gpt-4o',
    });
  if (force && append)
    throw new CliError('usage', '--force and --append cannot be used together', {
      hint: 'Choose one: agents-llm alias add --help',
    });
  if (fallback) requireOthers(name, fallback);
  requireNoSecrets(set);
  if (target === undefined && mock === undefined && !canAsk(context))
    throw new CliError('usage', 'Missing target model', {
      hint: 'Add the target: --target openai/gpt-4o',
    });
}

/** Tells the user about the default that was chosen for them. */
function renderAdded({ name, change, dropParams }: AliasChange): string {
  const said = dropParams && change !== 'unchanged' ? ' (drops parameters that the target does not support)' : '';
  return renderChange({ name, change: `${change}${said}` });
}

export async function runAliasRemove(
  name: string,
  flags: AdminFlags & { force?: boolean },
  invocation: Invocation,
): Promise<Outcome<ProviderChange>> {
  const { client } = await openAdmin(invocation, flags);
  const { change, warnings } = await removeWithFallbacks(client, name, flags.force ?? false);
  return { data: { name, change }, warnings };
}

const NOTES: CommandNotes = {
  examples: [
    'agents-llm alias add gpt-5 --target openai/gpt-4o --provider openai --fallback fast',
    "agents-llm alias add 'claude-*' --target openai/gpt-4o --provider openai",
    'agents-llm alias add gpt-5 --mock pong',
    'agents-llm alias add local --target ollama/llama3 --set api_base=http://host.docker.internal:11434',
  ],
  json: {
    add: '{name, change: "created"|"updated"|"unchanged", dropParams}',
    list: '{aliases: [{name, target, provider, pattern, live, mock, dropParams, fallbacks, weight, mode, baseModel, inputPrice, outputPrice}]}',
    remove: '{name, change: "removed"|"unchanged"}',
  },
  exits: [3, 4, 5, 6, 7, 8, 9, 10],
};

export async function runAliasList(
  flags: AdminFlags,
  invocation: Invocation,
): Promise<Outcome<{ aliases: readonly AliasRow[] }>> {
  const { client } = await openAdmin(invocation, flags);
  return { data: { aliases: await listAliases(client) } };
}

function stateOf({ live, pattern, mock }: AliasRow): string {
  if (!live) return 'not served';
  if (mock !== null) return 'mock';
  return pattern ? 'pattern' : 'live';
}

const pricesOf = ({ inputPrice, outputPrice }: AliasRow) =>
  inputPrice === null
    ? '-'
    : `${givenDollars(inputPrice)} / ${outputPrice === null ? '$?' : givenDollars(outputPrice)}`;

export function renderAliases({ aliases }: { readonly aliases: readonly AliasRow[] }): string {
  if (aliases.length === 0) return 'No aliases yet\n';
  const isSome = (show: (row: AliasRow) => unknown) => aliases.some(show);
  const columns: readonly (readonly [string, (row: AliasRow) => string])[] = [
    ['NAME', ({ name }) => name],
    ['TARGET', ({ target }) => target],
    ['PROVIDER', ({ provider }) => provider ?? '-'],
    ['STATE', stateOf],
    ['PER 1M TOKENS', pricesOf],
    ...(isSome(({ weight }) => weight !== null)
      ? [['WEIGHT', ({ weight }: AliasRow) => `${weight ?? '-'}`] as const]
      : []),
    ...(isSome(({ fallbacks }) => fallbacks.length > 0)
      ? [['FALLBACKS', ({ fallbacks }: AliasRow) => fallbacks.join(', ') || '-'] as const]
      : []),
  ];
  const rows = aliases.map((row) => columns.map(([, cell]) => cleanMessage(cell(row))));
  return `${alignColumns([columns.map(([heading]) => heading), ...rows])}\n`;
}
