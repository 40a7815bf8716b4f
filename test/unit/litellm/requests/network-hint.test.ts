import { expect, test } from 'vitest';
import { failureReason } from '../../../../src/litellm/requests/call-failure.ts';
import { networkHint } from '../../../../src/litellm/requests/network-hint.ts';

const CERTIFICATE = "Give the gateway your company's certificate authority: agents-llm up --ca FILE";

test.each([
  ['[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate', CERTIFICATE],
  ['self-signed certificate in certificate chain', CERTIFICATE],
  ['407 Proxy Authentication Required', 'See what is wrong with the HTTP proxy: agents-llm doctor --online'],
  [
    'Cannot connect to host x:443 ssl:True [Name or service not known]',
    'See what keeps the gateway from the provider: agents-llm doctor --online',
  ],
  ['OpenAIException - Connection error.', 'See what keeps the gateway from the provider: agents-llm doctor --online'],
  ['Incorrect API key provided', undefined],
])('%s', (words, hint) => expect(networkHint(words)).toBe(hint));

test('explains a call that fails at the certificate, with the fix', () => {
  const message =
    'litellm.InternalServerError: OpenAIException - Connection error: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed';
  expect(failureReason({ status: 500, message }, { model: 'far', target: 'openai/gpt-4o' })).toMatchObject({
    code: 'provider_failed',
    hint: CERTIFICATE,
  });
});
