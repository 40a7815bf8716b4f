import { CliError } from '../../model/errors.ts';
import { listed, shellWord } from '../../text/shown-text.ts';
import { didYouMean } from '../../text/similar-name.ts';
import { fits } from '../admin/aliases.ts';
import type { AdminClient } from '../admin/client.ts';
import { listModels, servedAliases } from '../admin/models.ts';
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
export async function requireChatModel(
  client: AdminClient,
  model: string,
  names?: Promise<readonly string[]>,
): Promise<ModelLimits | undefined> {
  if (model.includes('*')) throw patternNotName(model);
  const [served, rows] = await Promise.all([names ?? servedAliases(client), listModels(client)]);
  const isServed = served.some((name) => name === model || fits(name, model));
  if (!isServed) throw modelMissing(model, served);
  const mode = rows.map((row) => modeOf(row, model)).find((found) => found !== undefined);
  if (mode !== undefined && !CHAT_MODES.has(mode)) throw notChat(model, mode, served);
  return smallest(rows.filter(({ model_name }) => model_name === model));
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

const modeOf = ({ model_name, model_info }: ModelRow, model: string) =>
  model_name === model ? (model_info.mode ?? undefined) : undefined;

function patternNotName(model: string): CliError {
  return new CliError('usage', `"${model}" is a pattern, but one model is needed`, {
    hint: `Name a model that the pattern covers, such as ${shellWord(model.replaceAll('*', 'sonnet-4-5'))}`,
    details: { model },
  });
}

function modelMissing(model: string, served: readonly string[]): CliError {
  return new CliError('models_missing', `LiteLLM has no model "${model}"${didYouMean(model, served)}`, {
    hint: [
      ...(served.length > 0 ? [`Use one of ${listed(served)}`] : []),
      `Create it: agents-llm alias add ${shellWord(model)} --target openai/gpt-4o --provider openai`,
    ],
    details: { missing: [model], models: served },
  });
}

function notChat(model: string, mode: string, served: readonly string[]): CliError {
  return new CliError('usage', `"${model}" is not a chat model but one for ${mode}`, {
    hint: `Use another model: ${listed(served.filter((name) => name !== model))}`,
    details: { model, mode },
  });
}
