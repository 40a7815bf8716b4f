import type { Command } from 'commander';
import { keyDurationMs } from '../litellm/keys/key-duration.ts';
import type { KeyWish } from '../litellm/keys/key-wish.ts';
import type { AdminFlags } from '../litellm/open-admin.ts';
import { CliError } from '../model/errors.ts';
import { ADVANCED, OPTIONS } from './command-help.ts';
import { addBaseUrl, collectKeyValue, jsonValues } from './flag-values.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface ProvisionFlags extends AdminFlags {
  readonly alias?: string;
  readonly models?: string;
  readonly duration?: string;
  readonly maxBudget?: string;
  readonly budgetDuration?: string;
  readonly rpmLimit?: string;
  readonly tpmLimit?: string;
  readonly teamId?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly rotate?: boolean;
  readonly force?: boolean;
  readonly allowMissingModels?: boolean;
}

/** Options of every command that may create a virtual key. */
export function addProvisionOptions(command: Command): Command {
  const own = command
    .option('--alias <name>', 'name of the key (default agents-service, LITELLM_KEY_ALIAS)')
    .option('--models <names>', 'models that it may call: gpt-5,fast (default gpt-5, LITELLM_MODELS)')
    .option('--duration <time>', 'lifetime: 12h, 2w, 1mo (default 30d, LITELLM_KEY_DURATION)')
    .option('--max-budget <dollars>', 'most that it may spend (LITELLM_MAX_BUDGET)')
    .optionsGroup(ADVANCED)
    .option('--budget-duration <time>', 'reset the spent budget after 1d, 1mo (LITELLM_BUDGET_DURATION)')
    .option('--rpm-limit <number>', 'requests per minute (LITELLM_RPM_LIMIT)')
    .option('--tpm-limit <number>', 'tokens per minute (LITELLM_TPM_LIMIT)')
    .option('--team-id <id>', 'team that it belongs to (LITELLM_TEAM_ID)')
    .option('--metadata <name=value>', 'value to store with the key (repeatable)', collectKeyValue)
    .option('--allow-missing-models', 'create the key even if a model does not exist yet');
  return addBaseUrl(own).optionsGroup(OPTIONS);
}

/** A flag wins over its variable. Everything is checked before a request is sent. */
export function keyWish(flags: ProvisionFlags, env: Env): KeyWish {
  const take = (flag: string | undefined, name: string, variable: string) =>
    flag === undefined ? { text: env[variable] || undefined, source: variable } : { text: flag, source: name };
  const models = take(flags.models, '--models', 'LITELLM_MODELS');
  const duration = take(flags.duration, '--duration', 'LITELLM_KEY_DURATION');
  const budgetDuration = take(flags.budgetDuration, '--budget-duration', 'LITELLM_BUDGET_DURATION');
  for (const { text, source } of [duration, budgetDuration]) if (text !== undefined) keyDurationMs(text, source);
  return {
    alias: aliasOf(take(flags.alias, '--alias', 'LITELLM_KEY_ALIAS')),
    models: modelsOf(models),
    duration: duration.text,
    maxBudget: numberOf(
      take(flags.maxBudget, '--max-budget', 'LITELLM_MAX_BUDGET'),
      /^\d+(\.\d+)?$/,
      'dollars, such as 5 or 0.5',
    ),
    budgetDuration: budgetDuration.text,
    rpmLimit: numberOf(take(flags.rpmLimit, '--rpm-limit', 'LITELLM_RPM_LIMIT'), /^\d+$/, 'a whole number'),
    tpmLimit: numberOf(take(flags.tpmLimit, '--tpm-limit', 'LITELLM_TPM_LIMIT'), /^\d+$/, 'a whole number'),
    teamId: take(flags.teamId, '--team-id', 'LITELLM_TEAM_ID').text,
    metadata: jsonValues(flags.metadata),
    rotate: flags.rotate ?? false,
    force: flags.force ?? false,
    allowMissingModels: flags.allowMissingModels ?? false,
  };
}

interface Given {
  readonly text: string | undefined;
  readonly source: string;
}

function aliasOf({ text, source }: Given): string {
  const alias = text ?? 'agents-service';
  if (alias.trim() !== '' && !/\p{Cc}/u.test(alias)) return alias;
  throw new CliError('usage', `${source}: a key name cannot be empty or contain control characters`, {
    hint: 'Use a name such as agents-service',
  });
}

function modelsOf({ text, source }: Given): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const models = text.split(',').map((model) => model.trim());
  if (models.every((model) => model !== '')) return [...new Set(models)];
  // For LiteLLM, an empty list means every model.
  throw new CliError('usage', `${source}: a model name is empty`, {
    hint: 'Use names such as gpt-5,fast, or all-proxy-models for all',
  });
}

function numberOf({ text, source }: Given, form: RegExp, what: string): number | undefined {
  if (text === undefined || form.test(text)) return text === undefined ? undefined : Number(text);
  throw new CliError('usage', `${source}: "${text}" is not ${what}`, { hint: `Correct it, or omit ${source}` });
}
