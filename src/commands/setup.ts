import type { Command } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import type { Invoke } from '../cli/invoke.ts';
import { addProvisionOptions, keyWish, type ProvisionFlags } from '../cli/provision-flags.ts';
import type { Invocation } from '../context/invocation.ts';
import { askTarget } from '../litellm/input/ask-target.ts';
import { readProviderKey } from '../litellm/input/read-provider-key.ts';
import { type SetupProviderFlags, setupProvider, USUAL_TARGETS } from '../litellm/input/setup-provider.ts';
import { DEFAULT_MODELS } from '../litellm/keys/key-wish.ts';
import { type SetupData, setUp } from '../litellm/keys/set-up.ts';
import { openAdmin } from '../litellm/open-admin.ts';
import type { Outcome } from '../model/report.ts';

export interface SetupFlags extends ProvisionFlags, SetupProviderFlags {
  readonly apiBase?: string;
  readonly check: boolean;
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

/** Repeating it changes nothing. */
export async function runSetup(flags: SetupFlags, invocation: Invocation): Promise<Outcome<SetupData>> {
  const asked = keyWish(flags, invocation.context.env);
  const wish = { ...asked, models: asked.models ?? DEFAULT_MODELS };
  const { provider, source, ...chosen } = await setupProvider(flags, invocation);
  const apiKey = await readProviderKey(source, provider, invocation);
  if (apiKey) invocation.redaction.add([apiKey]);
  const admin = await openAdmin(invocation, flags);
  const target = chosen.target ?? (await askTarget(admin.client, provider, invocation, USUAL_TARGETS[provider]));
  const values = flags.apiBase === undefined ? {} : { api_base: flags.apiBase };
  const credential = { name: provider, provider, apiKey, values };
  const { warnings, ...data } = await setUp(admin, { credential, target, wish, check: flags.check }, invocation);
  return { data, warnings };
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
