import { expect, test } from 'vitest';
import { cleanMessage, litellmMessage } from '../../../../src/litellm/admin/litellm-message.ts';

const hash = 'a'.repeat(64);

test.each([
  ['dict in error', { error: { message: "{'error': 'No keys found'}", type: 'x', code: '404' } }, 'No keys found'],
  ['short error', { error: { message: 'Internal server error', type: 'x' } }, 'Internal server error'],
  ['detail text', { detail: 'Not Found' }, 'Not Found'],
  ['detail error', { detail: { error: 'LLM Model List not loaded' } }, 'LLM Model List not loaded'],
  ['detail list', { detail: [{ loc: ['body', 'max_budget'], msg: 'a number', type: 'x' }] }, 'max_budget: a number'],
  ['problem', { type: 'about:blank', title: 'Bad Gateway', status: 502 }, 'Bad Gateway'],
  ['no error', { data: [] }, ''],
])('%s', (_, body, message) => {
  expect(litellmMessage(body)).toBe(message);
});

test.each([
  [
    `Invalid token. Received API Key = sk-...3456, Key Hash (Token) =${hash}. Unable to find`,
    'Invalid token. Unable to find',
  ],
  [`key ${hash} and sk-abcdef123456`, 'key [hash] and sk-…'],
  ['a\u001b[31mred\u001b[0m\nb\u202ec', 'ared b c'],
  ['Incorrect key.\nstack trace: Traceback (most recent call last):\n File "/x"', 'Incorrect key.'],
  ["expected to start with 'sk-'.", "expected to start with 'sk-'."],
])('cleans %j', (text, clean) => {
  expect(cleanMessage(text)).toBe(clean);
});
