import type { Command } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import type { Invoke } from '../cli/invoke.ts';
import { addProvisionOptions, keyWish, type ProvisionFlags } from '../cli/provision-flags.ts';
import type { Invocation } from '../context/invocation.ts';
import { keepOutOfLogs } from '../context/keep-out-of-logs.ts';
import { putAlias } from '../litellm/admin/aliases.ts';
import { type Change, putCredential } from '../litellm/admin/credentials.ts';
import { probeCredential } from '../litellm/admin/test-credential.ts';
import { refuseVirtualKey } from '../litellm/admin/virtual-key.ts';
import { askTarget } from '../litellm/input/ask-target.ts';
import { readProviderKey } from '../litellm/input/read-provider-key.ts';
import { type SetupProviderFlags, setupProvider, USUAL_TARGETS } from '../litellm/input/setup-provider.ts';
import { DEFAULT_MODELS, type ProvisionedKey } from '../litellm/keys/key-wish.ts';
import { provisionKey } from '../litellm/keys/provision-key.ts';
import { openAdmin } from '../litellm/open-admin.ts';
import type { Outcome } from '../model/report.ts';

export interface SetupFlags extends ProvisionFlags, SetupProviderFlags {
  readonly apiBase?: string;
  readonly check: boolean;
}

export interface SetupData {
  readonly provider: { readonly name: string; readonly change: Change };
  /** One for each model of the key. */
  readonly aliases: readonly { readonly name: string; readonly target: string; readonly change: Change }[];
  readonly key: { readonly alias: string; readonly change: ProvisionedKey['change']; readonly key: string };
  readonly baseUrl: string;
  /** False when it was left out. */
  readonly checked: boolean;
}

export function registerSetup(command: Command, invoke: Invoke, run = runSetup): void {
  addNotes(command, NOTES);
  addProvisionOptions(command)
    .option('--provider <provider>', 'openai, anthropic, … (default: found by its variable)')
    .option('--from-env <variable>', 'read the key from this environment variable')
    .option('--from-stdin', 'read the key from stdin')
    .option('--from-file <path>', 'read the key from a file')
    .option('--api-base <url>', 'address of the provider, if it is not the usual one')
    .option('--target <model>', 'target model of the aliases: openai/gpt-4o')
    .option('--no-check', 'do not test the key with one real request')
    .action(() => invoke(command, (invocation) => run(command.opts<SetupFlags>(), invocation), renderSetup));
}

/** Checks the key, then adds provider, aliases and virtual key as their own commands do. Repeating it changes nothing. */
export async function runSetup(flags: SetupFlags, invocation: Invocation): Promise<Outcome<SetupData>> {
  const { context, progress, redaction } = invocation;
  const asked = keyWish(flags, context.env);
  const wish = { ...asked, models: asked.models ?? DEFAULT_MODELS };
  const { provider, source, ...chosen } = await setupProvider(flags, invocation);
  const apiKey = await readProviderKey(source, provider, invocation);
  if (apiKey) redaction.add([apiKey]);
  const admin = await openAdmin(invocation, flags);
  const target = chosen.target ?? (await askTarget(admin.client, provider, invocation, USUAL_TARGETS[provider]));
  const values = flags.apiBase === undefined ? {} : { api_base: flags.apiBase };
  const credential = { name: provider, provider, apiKey, values };
  await refuseVirtualKey(admin.client, credential);
  if (flags.check) {
    progress.phase(`Testing the key with ${provider}`);
    await probeCredential(admin.client, credential, target, 'agents-llm setup --no-check');
  }
  progress.phase(`Adding provider ${provider}`);
  const change = await putCredential(admin.client, credential);
  const aliases: { name: string; target: string; change: Change }[] = [];
  for (const name of wish.models) {
    progress.phase(`Adding alias ${name}`);
    const alias = { name, target, credential: provider, params: {}, force: false, append: false };
    aliases.push({ name, target, change: await putAlias(admin.client, alias) });
  }
  progress.phase('Creating the virtual key');
  const made = await provisionKey(admin, wish);
  keepOutOfLogs(made.key, invocation);
  const key = { alias: made.alias, change: made.change, key: made.key.reveal() };
  const data = { provider: { name: provider, change }, aliases, key, baseUrl: made.baseUrl, checked: flags.check };
  return { data, warnings: made.warnings };
}

export function renderSetup({ provider, aliases, key, baseUrl, checked }: SetupData): string {
  return [
    `provider ${provider.name}: ${provider.change}${checked ? ' (key works)' : ''}`,
    ...aliases.map(({ name, target, change }) => `alias ${name} -> ${target}: ${change}`),
    `key ${key.alias}: ${key.change}`,
    '',
    `OPENAI_API_KEY=${key.key}`,
    `OPENAI_BASE_URL=${baseUrl}`,
    '',
  ].join('\n');
}

const NOTES: CommandNotes = {
  examples: [
    'agents-llm setup',
    'agents-llm setup --provider openai --from-env OPENAI_API_KEY --models gpt-5 --max-budget 5',
  ],
  json: '{provider: {name, change}, aliases: [{name, target, change}], key: {alias, change, key}, baseUrl, checked}',
  exits: [3, 4, 5, 6, 7, 8, 9, 10],
};
