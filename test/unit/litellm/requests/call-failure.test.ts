import { expect, test } from 'vitest';
import { failureReason } from '../../../../src/litellm/requests/call-failure.ts';

const PLACE = { model: 'fast', target: 'openai/gpt-4o', credential: 'work', keyAlias: 'mine' };
const COOLDOWN =
  'No deployments available for selected model, Try again in 5 seconds. All deployments for selected model are in cooldown. Passed model=fast';
const CUT =
  "APIConnectionError: OpenAIException - Response payload is not completed: <TransferEncodingError: 400, message='…'>";

test.each([
  [
    { status: 429, message: COOLDOWN },
    'provider_failed',
    'LiteLLM pauses "openai/gpt-4o" for some seconds, because its last call failed',
    'See why it failed: agents-llm requests --failed --model fast',
  ],
  [
    { status: 500, kind: 'APIConnectionError', message: CUT },
    'provider_failed',
    'The answer of "openai/gpt-4o" broke off before its end',
    'Check it: agents-llm provider test work --model openai/gpt-4o',
  ],
  [
    { status: 500, kind: 'APIConnectionError', message: 'OpenAIException - Connection error.', hasBegun: true },
    'provider_failed',
    'The answer of "openai/gpt-4o" broke off before its end',
    'Check it: agents-llm provider test work --model openai/gpt-4o',
  ],
  [
    { status: 400, kind: 'ContextWindowExceededError', message: 'This model has a maximum context length of 8 tokens' },
    'provider_failed',
    'The prompt is too long for "openai/gpt-4o"',
    null,
  ],
  [
    { status: 404, kind: 'NotFoundError', message: 'NotFoundError: OpenAIException - No such model.' },
    'provider_failed',
    'The provider does not know "openai/gpt-4o": No such model',
    'Point the alias to another model: agents-llm alias add fast --target TARGET',
  ],
  [
    { status: 408, kind: 'Timeout', message: 'litellm.Timeout: APITimeoutError - Request timed out.' },
    'provider_failed',
    'The provider of "openai/gpt-4o" did not answer in time',
    'Check it: agents-llm provider test work --model openai/gpt-4o',
  ],
  [{ status: 418, message: '' }, 'request_rejected', 'LiteLLM rejected the request: no reason given', null],
])('explains %j', (failure, code, reason, hint) => {
  expect(failureReason(failure, PLACE)).toEqual({ code, reason, hint });
});

test.each([
  [500, 'InternalServerError', 'OpenAIException - Missing credentials. Please pass an `api_key`'],
  [401, 'AuthenticationError', 'litellm.AuthenticationError: Missing Anthropic API Key - A call is being made'],
  [500, 'APIConnectionError', 'litellm.APIConnectionError: Missing Gemini API key. Set the GEMINI_API_KEY'],
  [401, 'AuthenticationError', 'BedrockException Invalid Authentication - Unable to locate credentials'],
])('names the provider key that is missing: %s %s %s', (status, kind, message) => {
  const failure = { status, kind, message };
  const reason = 'The gateway has no provider key for "openai/gpt-4o"';
  expect(failureReason(failure, { ...PLACE, credential: undefined })).toEqual({
    code: 'provider_failed',
    reason,
    hint: 'Name a provider with a key: agents-llm alias add fast --target openai/gpt-4o --provider openai',
  });
  expect(failureReason(failure, PLACE)).toMatchObject({
    reason,
    hint: 'Replace the provider key: agents-llm provider add work --provider openai --from-stdin',
  });
});

test.each([
  ['unknown-model', 'LiteLLM has no model of the requested name', /agents-llm alias list$/],
  ['gpt6', 'LiteLLM has no model "gpt6"', /agents-llm alias add gpt6 /],
])('reports an unknown model that is logged as %s', (model, reason, hint) => {
  const failure = { status: 400, message: 'Invalid model name passed in. Call `/v1/models`' };
  expect(failureReason(failure, { model })).toMatchObject({
    code: 'models_missing',
    reason,
    hint: expect.stringMatching(hint),
  });
});

test('suggests no change by alias add for an alias that the own configuration of LiteLLM defines', () => {
  const failure = { status: 404, kind: 'NotFoundError', message: 'NotFoundError: OpenAIException - No such model.' };
  expect(failureReason(failure, { ...PLACE, isFixed: true }).hint).toBe(
    'Change "fast" in LiteLLM\'s own configuration, which defines it',
  );
});

test.each([
  [
    "Key not allowed to access model. This key can only access models=['gpt-5', 'own']. Tried to access fast",
    'Allow it: agents-llm provision-key --alias mine --models gpt-5,own,fast',
  ],
  ['Key not allowed to access model.', 'Allow it: agents-llm provision-key --alias mine --models MODELS,fast'],
])('keeps the models of a key that lacks one: %s', (message, hint) => {
  const failure = { status: 403, kind: 'key_model_access_denied', message };
  expect(failureReason(failure, PLACE)).toMatchObject({ code: 'request_rejected', hint });
});

test('suggests a virtual key of this gateway for a key without a name', () => {
  const failure = { status: 401, message: 'Authentication Error, Invalid proxy server token passed.' };
  expect(failureReason(failure, { model: 'fast' }).hint).toBe(
    'Use a virtual key of this gateway: agents-llm provision-key',
  );
  expect(failureReason(failure, PLACE).hint).toBe('Replace it: agents-llm provision-key --alias mine --rotate');
});
