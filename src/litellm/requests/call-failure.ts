import type { ErrorCode } from '../../model/errors.ts';
import { shellWord } from '../../text/shown-text.ts';
import { cleanMessage } from '../admin/litellm-message.ts';
import { networkHint } from './network-hint.ts';

/** An error of a call through the gateway, in LiteLLM's own words. */
export interface FailedCall {
  /** HTTP. */
  readonly status?: number | undefined;
  /** `AuthenticationError`, `budget_exceeded`, …: LiteLLM's class or type. */
  readonly kind?: string | undefined;
  readonly message: string;
  /** Whether a part of the answer had come. */
  readonly hasBegun?: boolean | undefined;
}

/** What is known of the call; names that others wrote. */
export interface CallPlace {
  /** The alias that was called. */
  readonly model: string;
  readonly target?: string | undefined;
  /** Of the alias. */
  readonly credential?: string | undefined;
  readonly keyAlias?: string | undefined;
  /** Whether LiteLLM's own configuration defines the alias, so that `alias add` cannot change it. */
  readonly isFixed?: boolean | undefined;
}

export interface FailureReason {
  readonly code: ErrorCode;
  /** One line. */
  readonly reason: string;
  /** What mends it, where that is known. */
  readonly hint: string | null;
}

interface Rule {
  readonly matches: (failure: FailedCall) => boolean;
  readonly code: ErrorCode;
  readonly reason: (place: CallPlace, words: string) => string;
  readonly hint?: (place: CallPlace, message: string) => string;
}

const says = (pattern: RegExp) => (failure: FailedCall) =>
  pattern.test(failure.kind ?? '') || pattern.test(failure.message.slice(0, MOST_READ));
const MOST_READ = 4000;
/** What LiteLLM logs for a model that it does not have, from 1.104 on. */
const UNKNOWN_MODEL = 'unknown-model';

const targetOf = ({ target, model }: CallPlace) => target ?? model;
const providerOf = (place: CallPlace) => place.credential ?? /^([\w-]+)\//.exec(place.target ?? '')?.[1] ?? 'PROVIDER';
const keyOf = ({ keyAlias }: CallPlace) => (keyAlias ? `Virtual key "${keyAlias}"` : 'The virtual key');
const keyName = ({ keyAlias }: CallPlace) => shellWord(keyAlias || 'NAME');

/** What the key may use already, as far as LiteLLM tells, because `--models` replaces all of it. */
function modelsOfKey(message: string): readonly string[] {
  const list = /models=\[([^\]]*)\]/.exec(message.slice(0, MOST_READ))?.[1] ?? '';
  const models = [...list.matchAll(/'([^']+)'/g)].map(([, name = '']) => name);
  return models.length > 0 ? models : ['MODELS'];
}

const addKey = (place: CallPlace) => {
  const name = providerOf(place);
  const provider = /^([\w-]+)\//.exec(place.target ?? '')?.[1] ?? name;
  return `Replace the provider key: agents-llm provider add ${shellWord(name)} --provider ${shellWord(provider)} --from-stdin`;
};
const nameProvider = (place: CallPlace) =>
  `Name a provider with a key: agents-llm alias add ${shellWord(place.model)} --target ${shellWord(targetOf(place))} --provider ${shellWord(providerOf(place))}`;
const check = (place: CallPlace) =>
  `Check it: agents-llm provider test ${shellWord(providerOf(place))} --model ${shellWord(targetOf(place))}`;

/** The first that matches counts: the gateway's own refusals before what a provider says. */
const RULES: readonly Rule[] = [
  {
    matches: says(/budget_exceeded|BudgetExceeded|budget has been exceeded|exceeded budget/i),
    code: 'budget_spent',
    reason: (place) => `${keyOf(place)} has spent its budget`,
    hint: (place) => `Raise its budget: agents-llm provision-key --alias ${keyName(place)} --max-budget DOLLARS`,
  },
  {
    matches: says(/expired_key|Expired Key/i),
    code: 'key_refused',
    reason: (place) => `${keyOf(place)} has expired`,
    hint: (place) => `Create a new one: agents-llm provision-key --alias ${keyName(place)}`,
  },
  {
    matches: says(/model_access_denied|ModelAccessDenied|not allowed to access model|can only access models/i),
    code: 'request_rejected',
    reason: (place) => `${keyOf(place)} is not allowed to use "${place.model}"`,
    hint: (place, message) =>
      `Allow it: agents-llm provision-key --alias ${keyName(place)} --models ${shellWord([...modelsOfKey(message), place.model].join(','))}`,
  },
  {
    matches: says(
      /token_not_found|KeyNotFound|Invalid proxy server token|No api key passed|Unable to find token|key is blocked/i,
    ),
    code: 'key_refused',
    reason: () => 'The gateway does not accept the virtual key',
    hint: (place) =>
      place.keyAlias === undefined
        ? 'Use a virtual key of this gateway: agents-llm provision-key'
        : `Replace it: agents-llm provision-key --alias ${keyName(place)} --rotate`,
  },
  {
    matches: says(/Invalid model name passed|no healthy deployments|ProxyModelNotFound|model_not_found_in_router/i),
    code: 'models_missing',
    reason: ({ model }) =>
      model === UNKNOWN_MODEL ? 'LiteLLM has no model of the requested name' : `LiteLLM has no model "${model}"`,
    hint: ({ model }) =>
      model === UNKNOWN_MODEL
        ? 'Compare the name in your application with the aliases: agents-llm alias list'
        : `Create it: agents-llm alias add ${shellWord(model)} --target openai/gpt-4o --provider openai`,
  },
  {
    matches: says(/UnsupportedParams|does(?: not|n't) support param|unsupported parameter|unsupported_parameter/i),
    code: 'provider_failed',
    reason: (place, words) => `"${targetOf(place)}" does not support a parameter of the request: ${words}`,
    hint: ({ model, target, credential }) =>
      `Drop such parameters: agents-llm alias add ${shellWord(model)} --target ${shellWord(target ?? 'TARGET')}${
        credential ? ` --provider ${shellWord(credential)}` : ''
      } --drop-params`,
  },
  {
    matches: says(/ContextWindowExceeded|maximum context length/i),
    code: 'provider_failed',
    reason: (place) => `The prompt is too long for "${targetOf(place)}"`,
  },
  {
    matches: says(
      /Missing credentials|Missing \w+ API key|Unable to locate credentials|api_key client option must be/i,
    ),
    code: 'provider_failed',
    reason: (place) => `The gateway has no provider key for "${targetOf(place)}"`,
    hint: (place) => (place.credential === undefined ? nameProvider(place) : addKey(place)),
  },
  {
    matches: ({ status, kind, message }) =>
      /AuthenticationError|PermissionDenied/.test(`${kind} ${message.slice(0, 200)}`) ||
      (status === 401 && !/^Authentication Error/.test(message)),
    code: 'provider_failed',
    reason: (place, words) => `The provider of "${targetOf(place)}" refused its key: ${words}`,
    hint: addKey,
  },
  {
    matches: says(/No deployments available|in cooldown/i),
    code: 'provider_failed',
    reason: (place) => `LiteLLM pauses "${targetOf(place)}" for some seconds, because its last call failed`,
    hint: ({ model }) => `See why it failed: agents-llm requests --failed --model ${shellWord(model)}`,
  },
  {
    matches: (failure) => says(/RateLimitError|rate limit/i)(failure) || failure.status === 429,
    code: 'provider_failed',
    reason: (place, words) => `"${targetOf(place)}" is over its rate limit or quota: ${words}`,
    hint: () => 'Wait a minute, or raise the limit at the provider',
  },
  {
    matches: (failure) => says(/NotFoundError/)(failure) || failure.status === 404,
    code: 'provider_failed',
    reason: (place, words) => `The provider does not know "${targetOf(place)}": ${words}`,
    hint: ({ model }) => `Point the alias to another model: agents-llm alias add ${shellWord(model)} --target TARGET`,
  },
  {
    matches: (failure) =>
      says(/^Timeout$|litellm\.Timeout|timed out/i)(failure) || [408, 504].includes(failure.status ?? 0),
    code: 'provider_failed',
    reason: (place) => `The provider of "${targetOf(place)}" did not answer in time`,
    hint: check,
  },
  {
    matches: (failure) =>
      says(/payload is not completed|incomplete chunked read|peer closed connection/i)(failure) ||
      (failure.hasBegun === true && says(/APIConnectionError|Connection error/i)(failure)),
    code: 'provider_failed',
    reason: (place) => `The answer of "${targetOf(place)}" broke off before its end`,
    hint: check,
  },
  {
    matches: says(/APIConnectionError|Connection error|Cannot connect|ECONNREFUSED|Name or service not known/i),
    code: 'provider_failed',
    reason: (place, words) => `The provider of "${targetOf(place)}" cannot be reached: ${words}`,
    hint: check,
  },
  {
    matches: ({ status, kind }) => (status ?? 0) >= 500 || /InternalServerError|ServiceUnavailable/.test(kind ?? ''),
    code: 'provider_failed',
    reason: (place, words) => `The provider of "${targetOf(place)}" failed: ${words}`,
    hint: check,
  },
];

/** Why a call failed, in one line, and the command that mends it where one is known. */
export function failureReason(failure: FailedCall, place: CallPlace): FailureReason {
  const words = providerWords(failure.message);
  const rule = RULES.find(({ matches }) => matches(failure));
  if (!rule) return { code: 'request_rejected', reason: `LiteLLM rejected the request: ${words}`, hint: null };
  const isNetwork = rule.code === 'provider_failed' && !failure.hasBegun;
  const hint = isNetwork ? networkHint(failure.message) : undefined;
  return { code: rule.code, reason: rule.reason(place, words), hint: hint ?? hintOf(rule, place, failure.message) };
}

function hintOf(rule: Rule, place: CallPlace, message: string): string | null {
  const hint = rule.hint?.(place, message) ?? null;
  if (!place.isFixed || !hint?.includes('agents-llm alias add')) return hint;
  return `Change "${place.model}" in LiteLLM's own configuration, which defines it`;
}

/** `litellm.RateLimitError: RateLimitError: OpenAIException - Too fast. Received Model Group=…` is "Too fast". */
function providerWords(message: string): string {
  const words = cleanMessage(
    message
      .slice(0, MOST_READ)
      .replace(/\s*(?:Received Model Group=|LiteLLM: model group |To drop these, set )[\s\S]*$/, ''),
  )
    .replace(/^(?:litellm\.)?(?:proxy\.)?[\w.]*(?:Error|Exception|Timeout): /, '')
    .replace(/^(?:[\w.]*(?:Error|Exception|Timeout): )?(?:[\w]*Exception - )?/, '')
    .replace(/\.{1,2}$/, '')
    .trim();
  return words === '' ? 'no reason given' : words;
}
