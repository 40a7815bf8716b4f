import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../../../src/io/network/http.ts';
import { createAdminClient } from '../../../../src/litellm/admin/client.ts';
import { EXIT, interruption } from '../../../../src/model/errors.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { fakeClock } from '../../../support/fake-clock.ts';
import { type FakeExchange, fakeHttp } from '../../../support/fake-http.ts';

const BASE = 'http://127.0.0.1:4000';
const LIVENESS = `GET ${BASE}/health/liveliness`;
const READINESS = `GET ${BASE}/health/readiness`;
const late = { code: 'ETIMEDOUT' };
const alive = { text: '"I\'m alive!"' };
const json = (value: object) => ({ headers: { 'content-type': 'application/json' }, json: value });
const connected = json({ db: 'connected' });

/** Ends only by its signal. */
const never = ({ signal }: HttpRequest) =>
  new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));
const after = (turns: number) => async () => {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return json({ done: true });
};

function setUp(table: readonly FakeExchange[], startCommand: string | null = 'agents-llm up') {
  const http = fakeHttp(table);
  const clock = fakeClock();
  const controller = new AbortController();
  const target = { url: BASE, masterKey: new Secret('sk-master-0123456789'), keySource: 'x', startCommand, peer: null };
  const client = createAdminClient({ http, clock, target, signal: controller.signal });
  return { http, clock, controller, client };
}

const write = { method: 'POST', path: '/model/new', lookup: 'agents-llm alias list' } as const;
const read = { method: 'GET', path: '/key/list' } as const;

describe('a slow call', () => {
  const slow = { call: `POST ${BASE}/model/new`, answer: after(60) };

  it('continues while the gateway is alive and has its database', async () => {
    const { client, http } = setUp([
      slow,
      { call: LIVENESS, answer: alive, repeat: true },
      { call: READINESS, answer: connected, repeat: true },
    ]);
    expect(await client.call(write)).toMatchObject({ ok: true, body: { done: true } });
    const looks = http.requests.filter(({ url }) => url.includes('/health/'));
    expect(looks.length).toBeGreaterThan(4);
    // No look needs a key.
    for (const { headers } of looks) expect(headers ?? {}).not.toHaveProperty('authorization');
  });

  it.each([
    ['answers its health at an address of its own', { status: 404 }, { status: 404 }],
    ['has a database that is late once', alive, [json({ db: 'disconnected' }), connected]],
    ['closes the connection of the look', { code: 'ECONNRESET' }, { code: 'ECONNRESET' }],
  ])('continues when the gateway %s', async (_, liveness, readiness) => {
    const answers = [readiness].flat();
    const next = () => (answers.length > 1 ? answers.shift() : answers[0]);
    const { client } = setUp([
      slow,
      { call: LIVENESS, answer: liveness, repeat: true },
      { call: READINESS, answer: () => next() ?? {}, repeat: true },
    ]);
    expect(await client.call(write)).toMatchObject({ ok: true });
  });
});

describe('a hung gateway', () => {
  const looks = [
    { call: LIVENESS, answer: late },
    { call: READINESS, answer: late },
  ];

  it('ends a read within ten seconds', async () => {
    const { client, clock, http } = setUp([{ call: `GET ${BASE}/key/list`, answer: never }, ...looks]);
    await expect(client.call(read)).rejects.toMatchObject({
      code: 'not_responding',
      exitCode: EXIT.notReady,
      retryable: true,
      message: `The gateway at ${BASE} is not responding`,
      hint: 'Restart it: agents-llm restart litellm',
      details: { url: BASE, outcome: 'none' },
    });
    const quiet = clock.sleeps[0] ?? 0;
    const look = http.requests.find(({ url }) => url.endsWith('/liveliness'))?.timeoutMs ?? 0;
    expect(quiet + look).toBeLessThanOrEqual(8000);
  });

  it.each([
    ['agents-llm up', 'Restart it: agents-llm restart litellm\nThen check whether it was made: agents-llm alias list'],
    [null, 'Restart LiteLLM on that machine\nThen check whether it was made: agents-llm alias list'],
  ])('ends a write with an unknown outcome (start command: %s)', async (startCommand, hint) => {
    const { client } = setUp([{ call: `POST ${BASE}/model/new`, answer: never }, ...looks], startCommand);
    await expect(client.call(write)).rejects.toMatchObject({
      code: 'not_responding',
      exitCode: EXIT.notReady,
      message: `The gateway at ${BASE} is not responding, so it is unknown whether the change was made`,
      hint,
      details: { outcome: 'unknown' },
    });
  });
});

describe('a hung database', () => {
  it.each([
    ['is silent', [late]],
    ['is said to be gone, twice', [json({ db: 'disconnected' }), json({ db: 'disconnected' })]],
  ])('ends the call when it %s', async (_, answers) => {
    const { client } = setUp([
      { call: `GET ${BASE}/key/list`, answer: never },
      { call: LIVENESS, answer: alive, repeat: true },
      ...answers.map((answer) => ({ call: READINESS, answer })),
    ]);
    await expect(client.call(read)).rejects.toMatchObject({ code: 'database_lost', exitCode: EXIT.notReady });
  });
});

describe('Ctrl-C', () => {
  it.each([
    ['at once', {}, 0],
    ['after two seconds more where a write would be cut off', { whole: true }, 2000],
  ])('ends a call %s', async (_, how, grace) => {
    const reason = interruption('SIGINT');
    const { client, controller, clock } = setUp([
      { call: `POST ${BASE}/model/new`, answer: never },
      { call: LIVENESS, answer: alive, repeat: true },
      { call: READINESS, answer: connected, repeat: true },
    ]);
    const sent = client.call({ ...write, ...how });
    controller.abort(reason);
    await expect(sent).rejects.toBe(reason);
    expect(clock.sleeps.includes(2000)).toBe(grace > 0);
  });
});
