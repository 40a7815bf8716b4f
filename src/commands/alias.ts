import type { Command } from 'commander';
import { putAlias, removeAlias } from '../admin/aliases.ts';
import type { AdminClient } from '../admin/client.ts';
import { requireCredential } from '../admin/credentials.ts';
import { cleanMessage } from '../admin/litellm-message.ts';
import { listModels, pricedModels, servedModels } from '../admin/models.ts';
import { CliError } from '../errors.ts';
import { askChoice } from '../io/ask.ts';
import { alignColumns, type Outcome } from '../report.ts';
import { helpFooter } from './help-footer.ts';
import type { Invocation, Invoke } from './invocation.ts';
import { collectKeyValue, jsonValues } from './key-value.ts';
import { type AdminFlags, addBaseUrl, changing, openAdmin } from './open-admin.ts';
import { type ProviderChange, renderChange } from './provider.ts';

export interface AliasAddFlags extends AdminFlags {
  readonly target?: string;
  readonly provider?: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly dropParams?: boolean;
  readonly force?: boolean;
  readonly append?: boolean;
}

export interface AliasRow {
  readonly name: string;
  readonly target: string;
  readonly provider: string | null;
  /** Whether the router serves it. */
  readonly live: boolean;
  /** US dollars for a million tokens; null when LiteLLM knows no price. */
  readonly inputPrice: number | null;
  readonly outputPrice: number | null;
}

const RUNS = { add: runAliasAdd, list: runAliasList, remove: runAliasRemove };

export function registerAlias(group: Command, invoke: Invoke, runs = RUNS): void {
  group.addHelpText('after', FOOTER);
  const add = addBaseUrl(group.command('add <name>').description('make a model alias, or change where it leads'));
  add
    .option('--target <model>', 'the model, as LiteLLM names it: openai/gpt-4o')
    .option('--provider <name>', 'the provider (of "provider list") whose key is used')
    .option('--set <name=value>', 'further litellm_params, JSON or text; may be repeated', collectKeyValue)
    .option('--drop-params', 'leave out parameters that the model does not know')
    .option('-f, --force', 'make one row of several by that name')
    .option('--append', 'add a row, to be load-balanced with those that exist')
    .addHelpText('after', FOOTER)
    .action((name: string) => invoke(add, (given) => runs.add(name, add.opts<AliasAddFlags>(), given), renderChange));

  const list = addBaseUrl(group.command('list').description('show the aliases, where they lead and what they cost'));
  list
    .addHelpText('after', FOOTER)
    .action(() => invoke(list, (given) => runs.list(list.opts<AdminFlags>(), given), renderAliases));

  const remove = addBaseUrl(group.command('remove <name>').description('remove an alias'));
  remove.option('-f, --force', 'also when it has several rows');
  remove
    .addHelpText('after', FOOTER)
    .action((name: string) =>
      invoke(
        remove,
        (given) => runs.remove(name, remove.opts<AdminFlags & { force?: boolean }>(), given),
        renderChange,
      ),
    );
}

export async function runAliasAdd(
  name: string,
  flags: AliasAddFlags,
  invocation: Invocation,
): Promise<Outcome<ProviderChange>> {
  if (name.trim() === '' || flags.target === '')
    throw new CliError('usage', 'an alias needs a name and a target', {
      hint: 'agents-llm alias add gpt-5 --target openai/gpt-4o',
    });
  if (flags.force && flags.append)
    throw new CliError('usage', '--force and --append exclude one another', {
      hint: 'see: agents-llm alias add --help',
    });
  const { client } = await openAdmin(invocation, flags);
  const target = flags.target ?? (await askTarget(flags, client, invocation));
  const params = { ...jsonValues(flags.set), ...(flags.dropParams ? { drop_params: true } : {}) };
  const { provider: credential, force = false, append = false } = flags;
  const put = () => putAlias(client, { name, target, credential, params, force, append });
  return { data: { name, change: await changing(invocation, client, 'alias add', put) } };
}

/** Offers what the proxy's price table knows of the provider. */
async function askTarget(flags: AliasAddFlags, client: AdminClient, { context }: Invocation): Promise<string> {
  const { stdin, stderr } = context.streams;
  if (!stdin.isTTY || !stderr.isTerminal) {
    throw new CliError('usage', 'where the alias leads is not said', { hint: '--target openai/gpt-4o' });
  }
  const row = flags.provider === undefined ? undefined : await requireCredential(client, flags.provider);
  const provider = row?.credential_info?.custom_llm_provider;
  const models = await pricedModels(client, typeof provider === 'string' ? provider : 'openai');
  const answer = await askChoice('Which model (number or name)?', models, context.streams, context.signal);
  if (answer === '') throw new CliError('usage', 'no model was chosen', { hint: '--target openai/gpt-4o' });
  return answer;
}

export async function runAliasList(
  flags: AdminFlags,
  invocation: Invocation,
): Promise<Outcome<{ aliases: AliasRow[] }>> {
  const { client } = await openAdmin(invocation, flags);
  const [rows, served] = await Promise.all([listModels(client), servedModels(client)]);
  const price = (perToken: number | null | undefined) =>
    perToken == null ? null : Number((perToken * 1e6).toPrecision(6));
  const aliases = rows.map(({ model_name: name, litellm_params: params, model_info: info }) => ({
    name,
    target: String(params.model ?? ''),
    provider: typeof params.litellm_credential_name === 'string' ? params.litellm_credential_name : null,
    live: served.includes(name),
    inputPrice: price(info.input_cost_per_token),
    outputPrice: price(info.output_cost_per_token),
  }));
  return { data: { aliases } };
}

export async function runAliasRemove(
  name: string,
  flags: AdminFlags & { force?: boolean },
  invocation: Invocation,
): Promise<Outcome<ProviderChange>> {
  const { client } = await openAdmin(invocation, flags);
  return { data: { name, change: await removeAlias(client, name, flags.force ?? false) } };
}

export function renderAliases({ aliases }: { readonly aliases: readonly AliasRow[] }): string {
  if (aliases.length === 0) return 'no alias yet\n';
  const rows = aliases.map((row) => [
    cleanMessage(row.name),
    cleanMessage(row.target),
    cleanMessage(row.provider ?? '-'),
    row.live ? 'live' : 'not served',
    row.inputPrice === null ? '-' : `$${row.inputPrice} / $${row.outputPrice ?? '?'}`,
  ]);
  return `${alignColumns([['NAME', 'TARGET', 'PROVIDER', 'STATE', 'PER 1M TOKENS'], ...rows])}\n`;
}

const FOOTER = helpFooter({
  examples: [
    'agents-llm alias add gpt-5 --target openai/gpt-4o --provider openai',
    'agents-llm alias add local --target ollama/llama3 --set api_base=http://host.docker.internal:11434',
  ],
  json: '{name, change: "created"|"updated"|"unchanged"|"removed"}, list: {aliases: [{name, target, provider, live, inputPrice, outputPrice}]}',
  exits: [2, 3, 4, 7, 8, 9, 10],
});
