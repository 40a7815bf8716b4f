import type { Params } from '../admin/alias-rows.ts';

/** Fields of an alias that `alias add` and `agents-llm.yaml` name differently from LiteLLM. */
export interface AliasFields {
  /** The answer that is returned without calling a model. */
  readonly mock?: string | undefined;
  readonly mode?: string | undefined;
  /** The model whose price and capabilities LiteLLM uses. */
  readonly baseModel?: string | undefined;
  /** US dollars per million tokens. */
  readonly inputPrice?: number | undefined;
  readonly outputPrice?: number | undefined;
  /** With several targets: how often this one is used, compared with the others. */
  readonly weight?: number | undefined;
}

/** The modes of a model in LiteLLM. */
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

/** Converts to LiteLLM's names and units. */
export function paramsOf(fields: AliasFields): Params {
  const given = Object.entries(NAMES).map(([field, name]) => [name, fields[field as keyof AliasFields]] as const);
  return Object.fromEntries(
    given
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, PRICES.has(name) ? perToken(Number(value)) : value]),
  );
}

/** The inverse of `paramsOf`. */
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

/** LiteLLM's names for these fields. */
export const FIELD_PARAMS: ReadonlySet<string> = new Set(Object.values(NAMES));

const perToken = (price: number) => Number((price / MILLION).toPrecision(12));
const perMillion = (cost: number) => Number((cost * MILLION).toPrecision(12));

/** The target of a mock alias, which never calls it. */
export const mockTarget = (name: string) => (name.includes('/') ? name : `openai/${name}`);
