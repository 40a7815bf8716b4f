import { CliError } from '../../model/errors.ts';
import { keyDurationMs } from './key-duration.ts';
import type { KeyWish } from './key-wish.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The key that the `LITELLM_*` variables ask for. Throws `usage` with the name of an invalid variable. */
export function environmentWish(env: Env, alias: string): KeyWish {
  const duration = env.LITELLM_KEY_DURATION || undefined;
  if (duration !== undefined) keyDurationMs(duration, 'LITELLM_KEY_DURATION');
  const models = env.LITELLM_MODELS ? env.LITELLM_MODELS.split(',').map((model) => model.trim()) : undefined;
  // For LiteLLM, an empty list means every model.
  if (models?.includes(''))
    throw new CliError('usage', 'LITELLM_MODELS contains an empty name', {
      hint: 'Separate names with one comma, such as gpt-5,fast',
    });
  return {
    alias: env.LITELLM_KEY_ALIAS || alias,
    models: models && [...new Set(models)],
    duration,
    maxBudget: number(env, 'LITELLM_MAX_BUDGET', /^\d+(\.\d+)?$/),
    rpmLimit: number(env, 'LITELLM_RPM_LIMIT', /^\d+$/),
    tpmLimit: number(env, 'LITELLM_TPM_LIMIT', /^\d+$/),
    teamId: env.LITELLM_TEAM_ID || undefined,
  };
}

function number(env: Env, name: string, form: RegExp): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  if (form.test(text)) return Number(text);
  throw new CliError('usage', `${name} is not a valid number: "${text}"`, {
    hint: `Correct it, or leave it out: unset ${name}`,
  });
}
