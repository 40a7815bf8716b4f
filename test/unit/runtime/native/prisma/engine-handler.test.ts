import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { parseDataModel } from '../../../../../src/runtime/native/prisma/data-model.ts';
import { type EngineRequest, handleRequest } from '../../../../../src/runtime/native/prisma/engine-handler.ts';
import type { WasmEngine } from '../../../../../src/runtime/native/prisma/wasm-engine.ts';
import { fakeClock } from '../../../../support/fake-clock.ts';

const refuse = (what: string) => async (): Promise<string> => {
  throw new Error(`${what} was not to be called`);
};

const models = parseDataModel('model Author {\n  id Int @id\n  notes Json?\n}\n');

function setUp(fake: Partial<WasmEngine> = {}, asObjects = true) {
  const engine: WasmEngine = {
    connect: async () => undefined,
    query: refuse('query'),
    startTransaction: refuse('startTransaction'),
    commitTransaction: refuse('commitTransaction'),
    rollbackTransaction: refuse('rollbackTransaction'),
    ...fake,
  };
  const clock = fakeClock();
  const sources = {
    address: { host: '127.0.0.1', port: 5433 },
    lastMessages: new Map<string, string>(),
    pool: { limit: 10, timeoutSeconds: 60 },
    thrown: () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
  };
  const ask = (request: Partial<EngineRequest>) =>
    handleRequest(
      { method: 'POST', path: '/', body: '', transaction: undefined, ...request },
      { engine, models, clock, sources, asObjects },
    );
  return { ask, clock };
}

/** As long as the engine's own are. */
const ID = 'cmwvbwb700000vatyxqto6ta3';

const query = (text: string) => JSON.stringify({ variables: {}, operation_name: 'query', query: text });
const external = {
  is_panic: false,
  message: 'Error in external connector (id 1)',
  meta: { id: 1 },
  error_code: 'P2036',
};
const closed =
  'Transaction API error: Transaction already closed: A commit cannot be executed on an expired transaction.';

describe('a request without the database', () => {
  it.each([
    ['GET', '/status', 200, { status: 'ok' }],
    ['GET', '/metrics', 200, { counters: [], gauges: [], histograms: [] }],
    ['GET', '/', 404, { errors: [{ error: 'Not found: GET /' }] }],
    ['POST', '/nothing', 404, { errors: [{ error: 'Not found: POST /nothing' }] }],
  ])('answers %s %s with %i', async (method, path, status, body) => {
    expect(await setUp().ask({ method, path })).toEqual({ status, body });
  });

  it('refuses a request that is not JSON with a protocol error', async () => {
    const { status, body } = await setUp().ask({ body: 'x' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ errors: [{ user_facing_error: { is_panic: false, error_code: 'P2009' } }] });
  });
});

describe('a query', () => {
  it('sends a query as JSON in its transaction, and answers under its alias', async () => {
    const asked: unknown[] = [];
    const { ask } = setUp({
      async query(operation, _, transaction) {
        asked.push(JSON.parse(operation), transaction);
        return JSON.stringify({ data: { findManyAuthor: [{ id: 1, notes: { $type: 'Json', value: '{}' } }] } });
      },
    });
    const body = query('query { result: findManyAuthor(where: { notes: { equals: "{}" } }) { id notes } }');
    expect(await ask({ body, transaction: ID })).toEqual({
      status: 200,
      body: { data: { result: [{ id: 1, notes: '{}' }] } },
    });
    expect(asked).toEqual([
      {
        action: 'findMany',
        modelName: 'Author',
        query: {
          arguments: { where: { notes: { equals: { $type: 'Json', value: '{}' } } } },
          selection: { id: true, notes: true },
        },
      },
      ID,
    ]);
  });

  it.each([
    ['objects', true, [{ a: { prisma__type: 'int', prisma__value: 1 } }]],
    ['columns and rows', false, { columns: ['a'], types: ['int'], rows: [[1]] }],
  ])('answers raw SQL as %s', async (_, asObjects, result) => {
    const raw = { data: { queryRaw: { columns: ['a'], types: ['int'], rows: [[1]] } } };
    const { ask } = setUp({ query: async () => JSON.stringify(raw) }, asObjects);
    const body = query('mutation { result: queryRaw(query: "select 1 as a", parameters: "[]") }');
    expect((await ask({ body })).body).toEqual({ data: { result } });
  });

  it('answers null when a query finds nothing', async () => {
    const { ask } = setUp({ query: async () => '{"data":{"findUniqueAuthor":null}}' });
    const body = query('query { result: findUniqueAuthor(where: { id: 1 }) { id } }');
    expect((await ask({ body })).body).toEqual({ data: { result: null } });
  });

  it('answers a failed query with the errors of the native engine', async () => {
    const { ask } = setUp({
      query: async () => JSON.stringify({ errors: [{ error: 'x', user_facing_error: external }] }),
    });
    expect((await ask({ body: query('query { result: findManyAuthor { id } }') })).body).toMatchObject({
      errors: [
        { error: "Can't reach database server at `127.0.0.1:5433`", user_facing_error: { error_code: 'P1001' } },
      ],
    });
  });

  it('answers a query that makes the engine throw', async () => {
    const { ask } = setUp({
      async query() {
        throw new Error(JSON.stringify(external));
      },
    });
    const { status, body } = await ask({ body: query('query { result: findManyAuthor { id } }') });
    expect([status, body]).toMatchObject([200, { errors: [{ user_facing_error: { error_code: 'P1001' } }] }]);
  });
});

describe('a batch', () => {
  const texts = ['query { a: findManyAuthor { id } }', 'query { b: findManyAuthor { id } }'];
  const batch = (more: object = {}) => JSON.stringify({ batch: texts.map((text) => ({ query: text })), ...more });

  it.each([
    [{}, undefined],
    [{ transaction: false }, undefined],
    [{ transaction: true }, {}],
    [{ transaction: true, isolationLevel: 'Serializable' }, { isolationLevel: 'Serializable' }],
  ])('sends a batch with %j as one request', async (more, transaction) => {
    let asked: { batch: unknown[]; transaction?: object } | undefined;
    const { ask } = setUp({
      async query(operation) {
        asked = JSON.parse(operation);
        return JSON.stringify({ batchResult: [{ data: { findManyAuthor: [] } }, { data: { findManyAuthor: [1] } }] });
      },
    });
    const { body } = await ask({ body: batch(more) });
    expect(body).toEqual({ batchResult: [{ data: { a: [] } }, { data: { b: [1] } }] });
    expect(asked?.batch).toHaveLength(2);
    expect(asked?.transaction).toEqual(transaction);
  });

  it('reports which query failed', async () => {
    const failed = { errors: [{ error: 'x', user_facing_error: { ...external, error_code: 'P2002' } }] };
    const { ask } = setUp({
      query: async () => JSON.stringify({ batchResult: [{ data: { findManyAuthor: [] } }, failed] }),
    });
    expect((await ask({ body: batch() })).body).toEqual({ batchResult: [{ data: { a: [] } }, failed] });
  });

  it('answers a batch that fails as a whole with its errors', async () => {
    const { ask } = setUp({
      query: async () => JSON.stringify({ errors: [{ error: 'x', user_facing_error: external }] }),
    });
    expect((await ask({ body: batch({ transaction: true }) })).body).toMatchObject({
      errors: [{ user_facing_error: { error_code: 'P1001' } }],
    });
  });
});

describe('a transaction', () => {
  const start = { path: '/transaction/start', body: '{"timeout":5000,"max_wait":2000}' };

  it('starts a transaction with the requested options', async () => {
    let asked = '';
    const { ask } = setUp({
      async startTransaction(options) {
        asked = options;
        return JSON.stringify({ id: ID });
      },
    });
    expect(await ask(start)).toEqual({ status: 200, body: { id: ID } });
    expect(asked).toBe(start.body);
  });

  it('refuses a transaction that times out, and rolls it back if it starts later', async () => {
    const ended: string[] = [];
    let begin: (text: string) => void = () => undefined;
    const { ask, clock } = setUp({
      startTransaction: () => new Promise((resolve) => (begin = resolve)),
      async rollbackTransaction(id) {
        ended.push(id);
        return '{}';
      },
    });
    expect(await ask(start)).toMatchObject({
      status: 504,
      body: {
        error_code: 'P2028',
        message: expect.stringContaining('Unable to start a transaction in the given time'),
      },
    });
    expect(clock.sleeps).toEqual([2000]);
    begin('{"id":"tx-late"}');
    await setImmediate();
    expect(ended).toEqual(['tx-late']);
  });

  it('ignores a transaction that fails after its deadline', async () => {
    let fail: (error: Error) => void = () => undefined;
    const { ask } = setUp({
      startTransaction: () =>
        new Promise((_, reject) => {
          fail = reject;
        }),
    });
    expect((await ask(start)).status).toBe(504);
    fail(new Error(JSON.stringify(external)));
    await setImmediate();
  });

  it.each([
    ['commit', 'commitTransaction'],
    ['rollback', 'rollbackTransaction'],
  ])('ends a transaction by %s', async (end, method) => {
    const ended: string[] = [];
    const { ask } = setUp({
      async [method](id: string) {
        ended.push(id);
        return '{}';
      },
    });
    expect(await ask({ path: `/transaction/${ID}/${end}` })).toEqual({ status: 200, body: {} });
    expect(ended).toEqual([ID]);
  });

  it.each([
    [closed, 422],
    ['Transaction API error: Transaction not found. Transaction ID is invalid.', 404],
    ['Transaction API error: Unable to start a transaction in the given time.', 504],
    ['something else', 500],
  ])('never reports a transaction as ended that fails to end: %s', async (message, status) => {
    const failed = { is_panic: false, message, meta: { error: message }, error_code: 'P2028' };
    const { ask } = setUp({ commitTransaction: async () => JSON.stringify(failed) });
    expect(await ask({ path: `/transaction/${ID}/commit` })).toEqual({ status, body: failed });
  });

  it('answers like the native engine when a transaction loses its database', async () => {
    const { ask } = setUp({
      async commitTransaction() {
        throw new Error(JSON.stringify(external));
      },
      startTransaction: async () => JSON.stringify(external),
    });
    const cannotReach = { status: 500, body: { error_code: 'P1001' } };
    expect(await ask({ path: `/transaction/${ID}/commit` })).toMatchObject(cannotReach);
    expect(await ask(start)).toMatchObject(cannotReach);
  });

  it.each(['nope', ''])('never passes an unknown transaction id to the engine: %j', async (id) => {
    const notFound = { error_code: 'P2028', message: expect.stringContaining('Transaction not found') };
    const { ask } = setUp();
    const body = query('query { result: findManyAuthor { id } }');
    expect(await ask({ body, transaction: id })).toMatchObject({
      status: 200,
      body: { errors: [{ user_facing_error: notFound }] },
    });
    if (id !== '')
      expect(await ask({ path: `/transaction/${id}/commit` })).toMatchObject({ status: 404, body: notFound });
  });

  it.each(['/transaction/tx-1', '/transaction/tx-1/nothing', '/transaction/'])('answers %s with 404', async (path) => {
    expect(await setUp().ask({ path })).toMatchObject({ status: 404 });
  });
});
