import type { Params } from '../admin/alias-rows.ts';

/** What `alias add` and `agents-llm.yaml` say of an alias in words of their own. */
export interface AliasFields {
  /** The answer that is given without asking a model. */
  readonly mock?: string | undefined;
  readonly mode?: string | undefined;
  /** The model whose price and abilities count. */
  readonly baseModel?: string | undefined;
  /** US dollars for a million tokens. */
  readonly inputPrice?: number | undefined;
  readonly outputPrice?: number | undefined;
  /** Of several targets: how often this one is taken, compared with the others. */
  readonly weight?: number | undefined;
}

/** What LiteLLM can be told that a model is for. */
export const MODES = [
  'chat',
  'completion',
  'responses',
  'embedding',
  'rerank',
  'image_generation',
  'audio_speech',
  'audio_transcription',
  'moderation',
  'realtime',
] as const;

const NAMES: Readonly<Record<keyof AliasFields, string>> = {
  mock: 'mock_response',
  mode: 'mode',
  baseModel: 'base_model',
  inputPrice: 'input_cost_per_token',
  outputPrice: 'output_cost_per_token',
  weight: 'weight',
};
const MILLION = 1e6;
const PRICES: ReadonlySet<string> = new Set([NAMES.inputPrice, NAMES.outputPrice]);

/** By LiteLLM's names and in its units. */
export function paramsOf(fields: AliasFields): Params {
  const given = Object.entries(NAMES).map(([field, name]) => [name, fields[field as keyof AliasFields]] as const);
  return Object.fromEntries(
    given
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, PRICES.has(name) ? perToken(Number(value)) : value]),
  );
}

/** The result of `paramsOf` in our own terms. */
export function fieldsOfParams(params: Params): AliasFields {
  const text = (name: string) => (typeof params[name] === 'string' ? params[name] : undefined);
  const price = (name: string) => (typeof params[name] === 'number' ? perMillion(params[name]) : undefined);
  return {
    mock: text(NAMES.mock),
    mode: text(NAMES.mode),
    baseModel: text(NAMES.baseModel),
    inputPrice: price(NAMES.inputPrice),
    outputPrice: price(NAMES.outputPrice),
    weight: typeof params.weight === 'number' ? params.weight : undefined,
  };
}

/** LiteLLM's names of what stands in fields of its own. */
export const FIELD_PARAMS: ReadonlySet<string> = new Set(Object.values(NAMES));

const perToken = (price: number) => Number((price / MILLION).toPrecision(12));
const perMillion = (cost: number) => Number((cost * MILLION).toPrecision(12));

/** The target of an alias that has an answer of its own and so needs none. */
export const mockTarget = (name: string) => (name.includes('/') ? name : `openai/${name}`);
