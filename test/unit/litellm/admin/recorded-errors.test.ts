import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import type { Http } from '../../../../src/io/network/http.ts';
import { createAdminClient } from '../../../../src/litellm/admin/client.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { caught } from '../../../support/caught.ts';
import { fakeClock } from '../../../support/fake-clock.ts';
import type { LitellmVersion } from '../../../support/recorded-litellm.ts';

interface Exchange {
  readonly label: string;
  readonly status: number;
  readonly body: unknown;
}

const exchanges = (version: LitellmVersion): Exchange[] =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/contract/litellm-${version}.json`, import.meta.url), 'utf8'));

/** A client of a proxy that answers everything in one way, its health apart. */
function clientOf({ status, body }: Omit<Exchange, 'label'>) {
  const headers = { 'content-type': 'application/json' };
  const http: Http = {
    send: async ({ url }) =>
      url.endsWith('/health/readiness')
        ? { ok: true, status: 200, headers, text: '{"status":"healthy","db":"connected"}' }
        : { ok: true, status, headers, text: JSON.stringify(body) },
  };
  const masterKey = new Secret('sk-master-0123456789');
  const target = { url: 'http://litellm', masterKey, keySource: 'LITELLM_MASTER_KEY', startCommand: null, peer: null };
  return createAdminClient({ http, clock: fakeClock(), target, signal: new AbortController().signal });
}

const failure = (answer: Omit<Exchange, 'label'>) =>
  caught(() => clientOf(answer).fetch(z.object({}), { method: 'POST', path: '/any?secret=1', body: {} }));

describe.each(['1.108.11', '1.90.2'] as const)('recorded errors of LiteLLM %s', (version) => {
  const errors = exchanges(version).filter(({ status }) => status >= 400);

  test.each(errors)("shows LiteLLM's own message, safe to print: $label", async (answer) => {
    const error = await failure(answer);
    const refused = answer.status === 401 || (answer.status === 403 && answer.label !== 'key generate tags');
    expect([error.code, error.exitCode]).toEqual(refused ? ['key_refused', 4] : ['request_rejected', 8]);
    expect(error.message).not.toMatch(/no reason given|\{'|"error"|Traceback|[0-9a-f]{40}|sk-[.\w]*\d{4}|secret=1/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    expect(error.message).not.toMatch(/[\x00-\x1f\x7f]/);
    expect(error.message.length).toBeLessThan(500);
  });
});

const RECORDED: readonly (readonly [label: string, message: string])[] = [
  ['credential create without info', 'rejected POST /any (422): credential_info: Field required'],
  ['credential delete missing', 'rejected POST /any (404): Credential not found. Got credential name: nope'],
  [
    'model new own id again',
    'rejected POST /any (500): Failed to add model to db. Check your server logs for more details.',
  ],
  ['model new bad body', 'rejected POST /any (500): Internal server error'],
  ['model patch missing', 'rejected POST /any (404): Model nope not found on proxy.'],
  ['model delete missing', 'rejected POST /any (400): Model with id=nope not found in db'],
  ['key generate bad duration', 'rejected POST /any (500): Unsupported duration unit, passed duration: 30'],
  [
    'key generate negative',
    'rejected POST /any (400): max_budget must be a non-negative finite number. Received: -1.0',
  ],
  ['key info missing', 'rejected POST /any (404): Key not found in database'],
  ['key list size 1000', 'rejected POST /any (422): size: Input should be less than or equal to 100'],
  ['key delete alias again', 'rejected POST /any (404): No keys found'],
  ['unknown route', 'rejected POST /any (404): Not Found'],
];

test.each(RECORDED)('%s', async (label, message) => {
  const answer = exchanges('1.108.11').find((exchange) => exchange.label === label);
  if (!answer) throw new Error(`nothing recorded as "${label}"`);
  expect(await failure(answer)).toMatchObject({
    code: 'request_rejected',
    retryable: false,
    message: `LiteLLM ${message}`,
    hint: null,
    details: { status: answer.status, route: 'POST /any' },
  });
});

test.each(['key generate tags', 'key regenerate'])('says that LiteLLM needs a licence: %s', async (label) => {
  for (const version of ['1.108.11', '1.90.2'] as const) {
    const answer = exchanges(version).find((exchange) => exchange.label === label);
    if (!answer) throw new Error(`nothing recorded as "${label}"`);
    expect(await failure(answer)).toMatchObject({
      code: 'request_rejected',
      hint: 'Leave it out, because it needs a LiteLLM Enterprise licence',
    });
  }
});

test('shows the title of a problem document, and says when no reason is given', async () => {
  const problem = { type: 'about:blank', title: 'Bad Request', status: 400 };
  expect((await failure({ status: 400, body: problem })).message).toBe('LiteLLM rejected POST /any (400): Bad Request');
  expect((await failure({ status: 400, body: {} })).message).toBe('LiteLLM rejected POST /any (400): no reason given');
});

test('refuses a successful answer in an unknown format', async () => {
  const client = clientOf({ status: 200, body: [] });
  const call = { method: 'GET', path: '/key/list?size=1' } as const;
  expect(await caught(() => client.fetch(z.object({ keys: z.array(z.string()) }), call))).toMatchObject({
    code: 'not_litellm',
    exitCode: 8,
    message: 'LiteLLM at http://litellm answered /key/list in an unknown format',
    hint: 'Use LiteLLM 1.90 or later',
  });
});
