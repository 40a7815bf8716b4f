import { CliError } from '../../model/errors.ts';
import { listed, shellWord } from '../../text/shown-text.ts';
import { didYouMean } from '../../text/similar-name.ts';
import { fits } from '../admin/aliases.ts';
import type { AdminClient } from '../admin/client.ts';
import { rowsNamed, servedAliases } from '../admin/models.ts';
import type { ModelRow } from '../admin/schemas.ts';

const CHAT_MODES: ReadonlySet<string> = new Set(['chat', 'completion', 'responses']);

/** How many tokens a model takes and gives, as far as LiteLLM knows. */
export interface ModelLimits {
  readonly context: number;
  readonly output: number;
}

/**
 * Its limits, if LiteLLM knows them. Throws when the gateway has no alias of that name that answers chats:
 * `models_missing`, or `usage` for a name that is none.
 */
export async function requireChatModel(client: AdminClient, model: string): Promise<ModelLimits | undefined> {
  if (model.includes('*')) throw patternNotName(model);
  const rows = await rowsNamed(client, model);
  const mode = rows.map(({ model_info }) => model_info.mode ?? undefined).find((found) => found !== undefined);
  const isChat = mode === undefined || CHAT_MODES.has(mode);
  if (rows.length > 0 && isChat) return smallest(rows);
  const served = await servedAliases(client);
  if (!isChat) throw notChat(model, mode, served);
  if (served.length === 0) {
    await client.requireDatabase();
    throw noModels(model);
  }
  if (!served.some((name) => name === model || fits(name, model))) throw modelMissing(model, served);
  return undefined;
}

/** Of the rows of an alias with several targets. */
function smallest(rows: readonly ModelRow[]): ModelLimits | undefined {
  const least = (values: readonly (number | null | undefined)[]) => {
    const known = values.filter((value) => typeof value === 'number' && value > 0) as number[];
    return known.length === 0 ? undefined : Math.min(...known);
  };
  const context = least(rows.map(({ model_info }) => model_info.max_input_tokens));
  const output = least(rows.map(({ model_info }) => model_info.max_output_tokens));
  return context === undefined || output === undefined ? undefined : { context, output };
}

function patternNotName(model: string): CliError {
  return new CliError('usage', `"${model}" is a pattern, but one model is needed`, {
    hint: 'Name one model that the pattern covers',
    details: { model },
  });
}

const noModels = (model: string) =>
  new CliError('models_missing', 'The gateway has no models yet', {
    hint: 'Add a provider key and a model: agents-llm setup',
    details: { missing: [model], models: [] },
  });

function modelMissing(model: string, served: readonly string[]): CliError {
  return new CliError('models_missing', `LiteLLM has no model "${model}"${didYouMean(model, served)}`, {
    hint: [
      `Use one of ${listed(served)}`,
      `Create it: agents-llm alias add ${shellWord(model)} --target openai/gpt-4o --provider openai`,
    ],
    details: { missing: [model], models: served },
  });
}

function notChat(model: string, mode: string, served: readonly string[]): CliError {
  return new CliError('usage', `"${model}" is not a chat model, because its mode is ${mode}`, {
    hint: `Use another model: ${listed(served.filter((name) => name !== model))}`,
    details: { model, mode },
  });
}
