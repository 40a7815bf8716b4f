import { CliError } from '../../model/errors.ts';
import type { Secret } from '../../model/secret.ts';
import { listed, shellWord } from '../../text/shown-text.ts';
import { fits } from '../admin/aliases.ts';
import type { AdminClient } from '../admin/client.ts';
import { servedAliases } from '../admin/models.ts';
import { rowsBy } from '../admin/rows-by.ts';
import { budgetSpent } from './key-errors.ts';
import type { WholeKeyWish } from './key-wish.ts';

const BUDGET_SPENT = /budget has been exceeded/i;

export const MEANS_ALL = new Set(['all-proxy-models', 'all-team-models', 'no-default-models']);

/** The wanted models that LiteLLM does not serve. Throws `models_missing` unless that is allowed. */
export async function missingModels(
  client: AdminClient,
  wish: WholeKeyWish,
  served: readonly string[],
): Promise<readonly string[]> {
  if (served.length === 0) await client.requireDatabase();
  const missing = unserved(wish.models, served);
  if (missing.length === 0 || wish.allowMissingModels) return missing;
  throw modelsMissing(missing, served);
}

const itself = (name: string) => name;

/** The models that match no served name or pattern. Names that stand for several models are ignored. */
export function unserved(models: readonly string[], served: readonly string[]): readonly string[] {
  const names = rowsBy(served, itself);
  const patterns = served.filter((name) => name.includes('*'));
  const isServed = (model: string) => names.has(model) || patterns.some((pattern) => fits(pattern, model));
  return models.filter((model) => !MEANS_ALL.has(model) && !model.includes('*') && !isServed(model));
}

export function modelsMissing(missing: readonly string[], served: readonly string[]): CliError {
  return new CliError('models_missing', `LiteLLM has no model ${listed(missing)}`, {
    hint: [
      ...(served.length > 0 ? [`Use one of: ${listed(served)}`] : []),
      `${served.length > 0 ? 'Or create' : 'Create'} it: agents-llm alias add ${shellWord(missing[0] ?? '')} --target openai/gpt-4o --provider openai`,
      'Or continue without it with --allow-missing-models',
    ],
    details: { missing, models: served },
  });
}

/** Throws if the key cannot call one of the models. Free, because it only lists the key's models. */
export async function proveKey(
  client: AdminClient,
  { alias, key }: { readonly alias: string; readonly key: Secret },
  models: readonly string[],
): Promise<void> {
  const served = await servedAliases(client, key).catch((error: unknown) => {
    throw error instanceof CliError && BUDGET_SPENT.test(error.message) ? budgetSpent(alias, error) : error;
  });
  const unseen = unserved(models, served);
  if (unseen.length === 0) return;
  throw new CliError('request_rejected', `The key works but cannot call ${listed(unseen)}`, {
    hint: 'Check whether its team restricts it further: agents-llm key list',
    details: { models: unseen },
  });
}
