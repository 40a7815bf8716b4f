import type { Command } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import type { Invoke } from '../cli/invoke.ts';
import { addProvisionOptions, keyWish, type ProvisionFlags } from '../cli/provision-flags.ts';
import type { Invocation } from '../context/invocation.ts';
import type { Admin } from '../litellm/admin/admin.ts';
import { paramsOf } from '../litellm/aliases/alias-fields.ts';
import { addressWarnings, reachable, runtimeOf } from '../litellm/aliases/first-call.ts';
import { askTarget, canAsk, defaultTarget } from '../litellm/input/ask-target.ts';
import { readProviderKey } from '../litellm/input/read-provider-key.ts';
import { type SetupProviderFlags, setupProvider } from '../litellm/input/setup-provider.ts';
import { DEFAULT_MODELS } from '../litellm/keys/key-wish.ts';
import { type SetupData, type SetupModels, setUp } from '../litellm/keys/set-up.ts';
import { openAdmin } from '../litellm/open-admin.ts';
import { CliError } from '../model/errors.ts';
import type { Outcome } from '../model/report.ts';
import { npxLine } from '../model/settings.ts';
import { shellWord } from '../text/shown-text.ts';

export interface SetupFlags extends ProvisionFlags, SetupProviderFlags {
  readonly apiBase?: string;
  readonly mock?: string;
  readonly check: boolean;
}

export interface SetupResult extends SetupData {
  readonly nextSteps: readonly string[];
}

const DEFAULT_ALIAS = 'agents-service';

export function registerSetup(command: Command, invoke: Invoke, run = runSetup): void {
  addNotes(command, NOTES);
  addProvisionOptions(command)
    .option('--provider <provider>', 'openai, anthropic, … (default: found by its variable)')
    .option('--from-env <variable>', 'read the key from this environment variable')
    .option('--from-stdin', 'read the key from stdin')
    .option('--from-file <path>', 'read the key from a file')
    .option('--api-base <url>', 'address of the provider, if it is not the usual one')
    .option('--target <model>', 'target model of the aliases: openai/gpt-4o')
    .option('--mock <text>', 'create aliases that answer with this text, without a provider key')
    .option('--no-check', 'do not test the key with one real request')
    .action(() => invoke(command, (invocation) => run(command.opts<SetupFlags>(), invocation), renderSetup));
}

/** Repeating it changes nothing. */
export async function runSetup(flags: SetupFlags, invocation: Invocation): Promise<Outcome<SetupResult>> {
  const asked = keyWish(flags, invocation.context.env);
  const wish = { ...asked, models: asked.models ?? DEFAULT_MODELS };
  const models = flags.mock === undefined ? await readModels(flags, invocation) : mocks(flags.mock, flags);
  const admin = await openAdmin(invocation, flags);
  const { warnings, ...data } = await setUp(admin, { ...(await models(admin)), wish, check: flags.check }, invocation);
  return { data: { ...data, nextSteps: [chatStep(data, flags, invocation)] }, warnings };
}

function mocks(mock: string, flags: SetupFlags): () => Promise<SetupModels> {
  const other = (['provider', 'fromEnv', 'fromStdin', 'fromFile', 'apiBase'] as const).find((flag) => flags[flag]);
  if (mock === '' || other !== undefined)
    throw new CliError('usage', mock === '' ? 'The mock has no text' : '--mock takes no provider key', {
      hint: 'Give the answer alone: agents-llm setup --mock pong',
    });
  return async () => ({ target: flags.target, credential: undefined, params: paramsOf({ mock }) });
}

/** Reads the provider key at once, and settles the target when the gateway can be asked. */
async function readModels(flags: SetupFlags, invocation: Invocation): Promise<(admin: Admin) => Promise<SetupModels>> {
  const { provider, source } = await setupProvider(flags, invocation);
  const apiKey = await readProviderKey(source, provider, invocation);
  if (apiKey) invocation.redaction.add([apiKey]);
  const asked: Record<string, string> = flags.apiBase === undefined ? {} : { api_base: flags.apiBase };
  const chooseTarget = (client: Admin['client']) =>
    canAsk(invocation.context) ? askTarget(client, provider, invocation) : defaultTarget(client, provider);
  return async ({ client }) => {
    const runtime = await runtimeOf(client, invocation);
    const values = reachable(asked, runtime);
    for (const warning of addressWarnings(values, runtime)) invocation.warn(warning);
    return {
      target: flags.target ?? (await chooseTarget(client)),
      credential: { name: provider, provider, apiKey, values },
      params: {},
    };
  };
}

/** With the key and the first alias that were set up. */
function chatStep({ aliases, key }: SetupData, flags: SetupFlags, { settings }: Invocation): string {
  const names = aliases.map(({ name }) => name);
  const words = [
    'chat',
    ...(flags.baseUrl === undefined ? [] : ['--base-url', shellWord(flags.baseUrl)]),
    ...(key.alias === DEFAULT_ALIAS ? [] : ['--alias', shellWord(key.alias)]),
    ...(names.length === 0 || names.includes('gpt-5') ? [] : [shellWord(names[0] ?? '')]),
    '"Say hello"',
  ];
  return npxLine(settings.project, words.join(' '));
}

export function renderSetup({ provider, aliases, key, baseUrl, checked, nextSteps }: SetupResult): string {
  return [
    ...(provider ? [`provider ${provider.name}: ${provider.change}${checked ? ' (key works)' : ''}`] : []),
    ...aliases.map(({ name, target, change }) => `alias ${name} -> ${target}: ${change}`),
    `key ${key.alias}: ${key.change}`,
    '',
    `OPENAI_API_KEY=${key.key}`,
    `OPENAI_BASE_URL=${baseUrl}`,
    '',
    'Next:',
    ...nextSteps.map((step) => `  ${step}`),
    '',
  ].join('\n');
}

const NOTES: CommandNotes = {
  examples: [
    'agents-llm setup',
    'agents-llm setup --mock pong',
    'agents-llm setup --provider openai --from-env OPENAI_API_KEY --models gpt-5 --max-budget 5',
  ],
  json: '{provider: {name, change} | null, aliases: [{name, target, change}], key: {alias, change, key}, baseUrl, checked, nextSteps}',
  exits: [3, 4, 5, 6, 7, 8, 9, 10],
};
