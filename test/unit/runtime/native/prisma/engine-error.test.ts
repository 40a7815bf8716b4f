import { describe, expect, it } from 'vitest';
import {
  type EngineError,
  type ErrorSources,
  nativeError,
  thrownError,
} from '../../../../../src/runtime/native/prisma/engine-error.ts';

const CANNOT_REACH = {
  error: "Can't reach database server at `127.0.0.1:5433`",
  user_facing_error: {
    is_panic: false,
    message: "Can't reach database server at `127.0.0.1:5433`",
    meta: { database_host: '127.0.0.1', database_port: 5433 },
    error_code: 'P1001',
  },
};

const sources = (thrown?: unknown, lastMessages: Readonly<Record<string, string>> = {}): ErrorSources => ({
  address: { host: '127.0.0.1', port: 5433 },
  lastMessages: new Map(Object.entries(lastMessages)),
  pool: { limit: 10, timeoutSeconds: 60 },
  thrown(id) {
    if (id !== 7) throw new Error(`error ${id} was not to be asked for`);
    return thrown;
  },
});

const external: EngineError = {
  error: 'KnownError { message: "Error in external connector (id 7)" }',
  user_facing_error: {
    is_panic: false,
    message: 'Error in external connector (id 7)',
    meta: { id: 7 },
    error_code: 'P2036',
  },
};

const withCode = (code: string, message: string) => Object.assign(new Error(message), { code });

describe('an error of the adapter', () => {
  it.each([
    ['a refused connection', withCode('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5433')],
    ['a reset connection', withCode('ECONNRESET', 'read ECONNRESET')],
    ['a broken pipe', withCode('EPIPE', 'write EPIPE')],
    ['an unknown host', withCode('ENOTFOUND', 'getaddrinfo ENOTFOUND db')],
    ['an unreachable host', withCode('EHOSTUNREACH', 'connect EHOSTUNREACH 10.0.0.1')],
    ['a connection that ended', new Error('Connection terminated unexpectedly')],
    ['a connection that ended before', new Error('Client has encountered a connection error and is not queryable')],
    ['a connection that takes too long', new Error('Connection terminated due to connection timeout')],
  ])('reports %s as P1001', (_, thrown) => expect(nativeError(external, sources(thrown))).toEqual(CANNOT_REACH));

  it('reports P2024 with the limits when no connection is free', () => {
    expect(nativeError(external, sources(new Error('timeout exceeded when trying to connect')))).toEqual({
      error: expect.stringContaining('Timed out fetching a new connection from the connection pool.'),
      user_facing_error: {
        is_panic: false,
        message: expect.stringContaining('(Current connection pool timeout: 60, connection limit: 10)'),
        meta: { connection_limit: 10, timeout: 60 },
        error_code: 'P2024',
      },
    });
  });

  it('keeps the message of any other error, and does not report a lost database', () => {
    const answer = nativeError(external, sources(new TypeError('x is not a function')));
    expect(answer.user_facing_error).toMatchObject({
      message: 'Error in the database driver: x is not a function',
      error_code: 'P2036',
      meta: {},
    });
  });

  it('keeps P2036 when the original error is no longer known', () => {
    expect(nativeError(external, sources()).user_facing_error).toMatchObject({ error_code: 'P2036' });
  });
});

describe('an error of PostgreSQL', () => {
  const query = (code: string, message: string): EngineError => ({
    error: `ConnectorError { kind: QueryError(PostgresError { code: "${code}", message: "${message}" }) }`,
    user_facing_error: { is_panic: false, message: 'Error occurred during query execution' },
  });
  const raw = (code: string, message: string): EngineError => ({
    error: 'KnownError',
    user_facing_error: {
      is_panic: false,
      message: `Raw query failed. Code: \`${code}\`. Message: \`${message}\``,
      meta: { code, message },
      error_code: 'P2010',
    },
  });

  it.each(['57P01', '57P02', '57P05'])('reports P1001 when PostgreSQL ends the connection (%s)', (code) => {
    expect(nativeError(query(code, 'terminating connection'), sources())).toEqual(CANNOT_REACH);
    expect(nativeError(raw(code, 'terminating connection'), sources())).toEqual(CANNOT_REACH);
  });

  it.each(['57P03', '25P02', '40001'])('leaves any other error unchanged (%s)', (code) => {
    expect(nativeError(query(code, 'x'), sources())).toEqual(query(code, 'x'));
    expect(nativeError(raw(code, 'x'), sources())).toEqual(raw(code, 'x'));
  });

  it('restores a message that the engine has lost', () => {
    const answer = nativeError(raw('42601', 'N/A'), sources(undefined, { 42601: 'syntax error at or near "selec"' }));
    expect(answer.error).toBe('Raw query failed. Code: `42601`. Message: `syntax error at or near "selec"`');
    expect(answer.user_facing_error).toMatchObject({
      message: answer.error,
      meta: { code: '42601', message: 'syntax error at or near "selec"' },
      error_code: 'P2010',
    });
  });

  it('keeps a message that the engine has not lost', () => {
    const answer = nativeError(raw('42601', 'of this query'), sources(undefined, { 42601: 'of another query' }));
    expect(answer).toEqual(raw('42601', 'of this query'));
  });

  it('restores no message that is not known', () => {
    expect(nativeError(raw('42601', 'N/A'), sources(undefined, { 42703: 'x' }))).toEqual(raw('42601', 'N/A'));
  });

  it.each([
    'Key (name)=(connect ECONNREFUSED) already exists.',
    'Key (name)=(Connection terminated) already exists.',
    'Key (name)=(PostgresError { code: 57P01 ) already exists.',
  ])('ignores error codes in texts of the user: %s', (message) => {
    expect(nativeError(raw('23505', message), sources())).toEqual(raw('23505', message));
  });
});

describe('any other error', () => {
  it('leaves the error unchanged', () => {
    const unique: EngineError = {
      error: 'KnownError',
      user_facing_error: { is_panic: false, message: 'Unique constraint failed', meta: {}, error_code: 'P2002' },
    };
    expect(nativeError(unique, sources())).toBe(unique);
    expect(nativeError({ error: 'x' }, sources())).toEqual({ error: 'x' });
  });
});

describe('thrownError', () => {
  it('reads the error that the engine throws as text', () => {
    const facing = { is_panic: false, message: 'no such model', meta: {}, error_code: 'P2009' };
    expect(thrownError(new Error(JSON.stringify(facing)), sources())).toEqual({
      error: 'no such model',
      user_facing_error: facing,
    });
    expect(thrownError(new Error(JSON.stringify(external.user_facing_error)), sources(new Error('EPIPE')))).toEqual(
      CANNOT_REACH,
    );
  });

  it.each([
    [new Error('Syntax Error: Unexpected <EOF>.'), 'Syntax Error: Unexpected <EOF>.'],
    [new Error('null'), 'null'],
    [new Error('5'), '5'],
    ['a text', 'a text'],
  ])('reports %s as an invalid request', (error, message) => {
    expect(thrownError(error, sources())).toEqual({
      error: message,
      user_facing_error: { is_panic: false, message, error_code: 'P2009' },
    });
  });
});
