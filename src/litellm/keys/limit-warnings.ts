import { listed } from '../../text/shown-text.ts';
import type { AdminClient } from '../admin/client.ts';
import { listModels } from '../admin/models.ts';
import type { ModelRow } from '../admin/schemas.ts';
import { type Fallbacks, listFallbacks } from '../aliases/fallbacks.ts';
import { MEANS_ALL, unserved } from './key-models.ts';
import type { WholeKeyWish } from './key-wish.ts';

/** Warnings about limits that do not work as they seem to. */
export async function limitWarnings(
  client: AdminClient,
  { models, maxBudget }: Pick<WholeKeyWish, 'models' | 'maxBudget'>,
): Promise<readonly string[]> {
  const rows = maxBudget === undefined ? [] : await listModels(client);
  const unpriced = unpricedAliases(rows, models);
  // An admin key that can create keys may not be allowed to read the router's settings.
  const fallbacks = await listFallbacks(client).catch((): Fallbacks => new Map());
  const denied = deniedFallbacks(fallbacks, models);
  return [
    ...(unpriced.length > 0
      ? [
          `LiteLLM has no price for ${listed(unpriced)}, so its calls do not count toward the budget. Set one: agents-llm alias add NAME --target MODEL --input-price DOLLARS --output-price DOLLARS`,
        ]
      : []),
    ...(denied.length > 0
      ? [`LiteLLM skips the fallback ${listed(denied)}, because the key cannot call it. Name it in --models too`]
      : []),
  ];
}

const meansAll = (models: readonly string[]) => models.some((model) => MEANS_ALL.has(model));

/** The aliases of a key for which LiteLLM has no price. */
function unpricedAliases(rows: readonly ModelRow[], models: readonly string[]): readonly string[] {
  const unpriced = rows.filter(({ litellm_params: { model, mock_response: mock }, model_info: info }) => {
    const isPattern = String(model).includes('*');
    return !info.input_cost_per_token && !info.output_cost_per_token && !isPattern && mock == null;
  });
  const isOfKey = ({ model_name: name }: ModelRow) => meansAll(models) || models.includes(name);
  return [...new Set(unpriced.filter(isOfKey).map(({ model_name: name }) => name))];
}

function deniedFallbacks(fallbacks: Fallbacks, models: readonly string[]): readonly string[] {
  if (meansAll(models)) return [];
  return unserved([...new Set(models.flatMap((model) => fallbacks.get(model) ?? []))], models);
}
