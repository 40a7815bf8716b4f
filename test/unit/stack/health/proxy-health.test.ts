import { describe, expect, it } from 'vitest';
import { Secret } from '../../../../src/model/secret.ts';
import { countModels, probeProxy, targetOf, whoAnswers } from '../../../../src/stack/health/proxy-health.ts';
import { type FakeExchange, fakeHttp } from '../../../support/fake-http.ts';

const peer = { check: async () => undefined };
const target = { url: 'http://127.0.0.1:4000', masterKey: new Secret('sk-master-0123456789'), peer };
const READINESS = 'GET http://127.0.0.1:4000/health/readiness';
const KEYS = 'GET http://127.0.0.1:4000/key/list?size=1';
const DETAILS = 'GET http://127.0.0.1:4000/health/readiness/details';
const connected = { call: READINESS, answer: { json: { status: 'healthy', db: 'connected' } } };

async function probe(...table: FakeExchange[]) {
  const http = fakeHttp(table);
  const health = await probeProxy(http, target);
  http.assertDone();
  return { health, requests: http.requests };
}

describe('a gateway that accepts the connection but does not answer', () => {
  const ALIVE = 'GET http://127.0.0.1:4000/health/liveliness';
  const late = { code: 'ETIMEDOUT' };

  it.each([
    ['hung if it does not even report that it is alive', late, { state: 'not-responding' }],
    ['without its database if it is alive', { text: '"I\'m alive!"' }, { state: 'database-lost' }],
    ['silent if it ends meanwhile', { code: 'ECONNRESET' }, { state: 'silent', code: 'ECONNRESET' }],
  ])('is %s', async (_, answer, expected) => {
    const { health, requests } = await probe({ call: READINESS, answer: late }, { call: ALIVE, answer });
    expect(health).toEqual(expected);
    expect(requests.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0)).toBeLessThanOrEqual(7000);
    expect(requests.some(({ headers }) => headers && 'authorization' in headers)).toBe(false);
  });

  it('is not responding even when its readiness was cached', async () => {
    const table = [
      connected,
      { call: KEYS, answer: late },
      { call: DETAILS, answer: late },
      { call: ALIVE, answer: late },
    ];
    expect((await probe(...table)).health).toEqual({ state: 'not-responding' });
  });
});

describe('a gateway behind a reverse proxy', () => {
  const tls = {
    ...({ proxy: 'nginx', host: 'llm.lan', bind: '0.0.0.0', httpsPort: 8443, httpPort: 80, image: 'n:1' } as const),
    ...{ fingerprint: 'AB:CD', revision: 'r1', expires: '2028-01-01T00:00:00.000Z' },
  };
  const behind = targetOf({ bind: '127.0.0.1', port: 4000, tls }, target.masterKey, peer);
  const SECURE = 'GET https://127.0.0.1:8443/health/readiness';
  const rest = [
    connected,
    { call: KEYS, answer: { json: { total_count: 3 } } },
    { call: DETAILS, answer: { json: {} } },
  ];

  it.each([{ atOnce: true }, {}])(
    'is ready when TLS reaches it with the right name and certificate: %o',
    async (options) => {
      const http = fakeHttp([...rest, { call: SECURE, answer: { status: 200 } }]);
      expect(await probeProxy(http, behind, undefined, options)).toMatchObject({ state: 'ready', keys: 3 });
      const secure = http.requests.find(({ url }) => url.startsWith('https:'));
      expect(secure).toMatchObject({
        headers: { host: 'llm.lan:8443' },
        pin: { serverName: 'llm.lan', fingerprint: 'AB:CD' },
      });
      expect(secure?.headers).not.toHaveProperty('authorization');
      http.assertDone();
    },
  );

  it.each([
    [{ status: 502 }, 'HTTP 502'],
    [{ code: 'ECERT' }, 'ECERT'],
  ])('is not ready when TLS does not reach it: %o', async (answer, code) => {
    const http = fakeHttp([...rest, { call: SECURE, answer }]);
    expect(await probeProxy(http, behind)).toEqual({ state: 'tls-silent', code });
  });

  it('is checked before the reverse proxy', async () => {
    const http = fakeHttp([{ call: READINESS, answer: { code: 'ECONNREFUSED' } }]);
    expect(await probeProxy(http, behind)).toEqual({ state: 'silent', code: 'ECONNREFUSED' });
    http.assertDone();
  });

  it('is reached at the bind address of the reverse proxy', () => {
    expect(
      targetOf({ bind: '127.0.0.1', port: 4000, tls: { ...tls, bind: '10.0.0.5' } }, target.masterKey, peer).tls?.url,
    ).toBe('https://10.0.0.5:8443');
  });
});

describe('probeProxy', () => {
  it('reports ready when the database is connected and the master key works', async () => {
    const { health, requests } = await probe(
      connected,
      { call: KEYS, answer: { json: { keys: [], total_count: 3 } } },
      { call: DETAILS, answer: { json: { litellm_version: '1.108.11' } } },
    );
    expect(health).toEqual({ state: 'ready', version: '1.108.11', keys: 3 });
    expect(requests[0]?.headers).toEqual({});
    expect(requests[1]?.headers?.authorization).toBe('Bearer sk-master-0123456789');
  });

  it('sends two requests at once to its own gateway and reads readiness from the details', async () => {
    const http = fakeHttp([
      { call: KEYS, answer: { json: { total_count: 3 } } },
      { call: DETAILS, answer: { json: { db: 'connected', litellm_version: '1.108.11' } } },
    ]);
    const health = await probeProxy(http, target, undefined, { atOnce: true });
    expect(health).toEqual({ state: 'ready', version: '1.108.11', keys: 3 });
    http.assertDone();
  });

  it.each([
    ['of an older version', { status: 404, json: { detail: 'Not Found' } }],
    ['that do not name the database', { json: {} }],
    ['that fail with their database', { status: 503, json: { detail: 'Service Unhealthy' } }],
  ])('asks for readiness after details %s', async (_, details) => {
    const http = fakeHttp([
      { call: KEYS, answer: { json: { total_count: 3 } } },
      { call: DETAILS, answer: details },
      { call: READINESS, answer: { status: 503, json: { db: 'disconnected' } } },
    ]);
    expect(await probeProxy(http, target, undefined, { atOnce: true })).toEqual({ state: 'database-lost' });
    http.assertDone();
  });

  it('reports a lost database from the details', async () => {
    const http = fakeHttp([
      { call: KEYS, answer: { status: 500, text: 'no database' } },
      { call: DETAILS, answer: { json: { db: 'disconnected' } } },
    ]);
    expect(await probeProxy(http, target, undefined, { atOnce: true })).toEqual({ state: 'database-lost' });
    http.assertDone();
  });

  it('accepts an older version without a details route', async () => {
    const { health } = await probe(
      connected,
      { call: KEYS, answer: { json: {} } },
      { call: DETAILS, answer: { status: 404, json: { detail: 'Not Found' } } },
    );
    expect(health).toEqual({ state: 'ready', version: null, keys: null });
  });

  it.each([
    ['nothing listens', { code: 'ECONNREFUSED' }, { state: 'silent', code: 'ECONNREFUSED' }],
    [
      'the database is gone',
      { status: 503, json: { status: 'healthy', db: 'disconnected' } },
      { state: 'database-lost' },
    ],
    ['an older version has lost its database', { json: { db: 'Not connected' } }, { state: 'database-lost' }],
    ['it returns a server error', { status: 502, text: 'Bad Gateway' }, { state: 'starting', status: 502 }],
    [
      'the state of the database is unknown',
      { status: 503, json: { db: 'unknown' } },
      { state: 'starting', status: 503 },
    ],
    [
      'a web page comes',
      { text: '<html>', headers: { 'content-type': 'text/html' } },
      { state: 'other-program', answer: 'HTTP 200, text/html' },
    ],
    [
      'a login page is named',
      { status: 307, headers: { location: 'https://login.example/in?next=x' } },
      { state: 'other-program', answer: 'HTTP 307, redirects to https://login.example' },
    ],
    [
      'a 404 comes',
      { status: 404, json: { detail: 'x' } },
      { state: 'other-program', answer: 'HTTP 404, no content type' },
    ],
  ])('recognises when %s, and sends no further request', async (_, answer, expected) => {
    expect((await probe({ call: READINESS, answer })).health).toEqual(expected);
  });

  it.each([401, 403])('reports a rejected master key (HTTP %i)', async (status) => {
    const { health } = await probe(
      connected,
      { call: KEYS, answer: { status } },
      { call: DETAILS, answer: { status } },
    );
    expect(health).toEqual({ state: 'key-refused' });
  });

  it('reports not ready when the request that reads the database fails', async () => {
    const { health } = await probe(connected, { call: KEYS, answer: { status: 500 } }, { call: DETAILS });
    expect(health).toEqual({ state: 'starting', status: 500 });
  });
});

describe('countModels', () => {
  const MODELS = 'GET http://127.0.0.1:4000/v2/model/info?size=1';
  it.each([
    ['the rows', { json: { data: [{}], total_count: 2 } }, 2],
    ['none for an empty list', { json: { data: [], total_count: 0 } }, 0],
    ['none before the first model', { status: 500, json: { detail: { error: 'LLM Model List not loaded in.' } } }, 0],
    ['nothing for another error', { status: 500, text: 'Internal Server Error' }, null],
    ['nothing without an answer', { code: 'ECONNRESET' }, null],
  ])('counts %s', async (_, answer, expected) => {
    expect(await countModels(fakeHttp([{ call: MODELS, answer }]), target)).toBe(expected);
  });

  it('counts a wildcard once when LiteLLM shows only its examples', async () => {
    const data = ['a', 'a', 'b'].map((id) => ({ model_info: { id } }));
    const http = fakeHttp([
      { call: MODELS, answer: { status: 404, json: { detail: 'Not Found' } } },
      { call: 'GET http://127.0.0.1:4000/model/info', answer: { json: { data } } },
    ]);
    expect(await countModels(http, target)).toBe(2);
  });
});

describe('whoAnswers', () => {
  it.each([
    [{ code: 'ECONNREFUSED' }, { who: 'nobody' }],
    [{ code: 'ECONNRESET' }, { who: 'other', answer: 'ECONNRESET' }],
    [{ code: 'ETIMEDOUT' }, { who: 'other', answer: 'ETIMEDOUT' }],
    [{ json: { db: 'connected' } }, { who: 'litellm' }],
    [{ status: 503, json: { db: 'disconnected' } }, { who: 'litellm' }],
    [
      { status: 404, text: 'no', headers: { 'content-type': 'text/plain' } },
      { who: 'other', answer: 'HTTP 404, text/plain' },
    ],
    [{ text: 'hi' }, { who: 'other', answer: 'HTTP 200, no content type' }],
    [
      { status: 302, headers: { location: '/login' } },
      { who: 'other', answer: 'HTTP 302, redirects to /login' },
    ],
    [{ status: 301 }, { who: 'other', answer: 'HTTP 301, redirects to nowhere' }],
  ])('classifies %j as %j without sending a key', async (answer, expected) => {
    const http = fakeHttp([{ call: READINESS, answer }]);
    expect(await whoAnswers(http, target.url)).toEqual(expected);
    expect(http.requests[0]?.headers).toBeUndefined();
  });
});
