import { createServer } from 'node:net';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { postgresPool } from '../../../../../src/runtime/native/prisma/postgres-pool.ts';

const unheard = (message: string) => {
  throw new Error(`nothing was to be lastMessages: ${message}`);
};
const poolOf = (parameters: string) =>
  postgresPool(`postgresql://litellm:pass%2Fword@127.0.0.1:5433/litellm${parameters}`, unheard);

describe('postgresPool', () => {
  it('returns the address of the database', () => {
    expect(poolOf('').address).toEqual({ host: '127.0.0.1', port: 5433 });
    expect(postgresPool('postgresql://a:b@db/x', unheard).address).toEqual({ host: 'db', port: 5432 });
  });

  it.each([
    ['', 10, 10],
    ['?connection_limit=3&pool_timeout=60', 3, 60],
    ['?connection_limit=100', 20, 10],
    ['?connection_limit=0&pool_timeout=0', 1, 0],
  ])('reads from %j at most %i connections and %i seconds to wait', (parameters, limit, timeoutSeconds) => {
    const { pool, limits } = poolOf(parameters);
    expect(limits).toEqual({ limit, timeoutSeconds });
    expect(pool.options).toMatchObject({ max: limit, connectionTimeoutMillis: timeoutSeconds * 1000 });
  });

  it('removes parameters for Prisma from the connection string', () => {
    const { pool, schema } = poolOf('?schema=other&pgbouncer=true&connect_timeout=5&sslmode=disable');
    expect(schema).toBe('other');
    expect(pool.options.connectionString).toBe(
      'postgresql://litellm:pass%2Fword@127.0.0.1:5433/litellm?sslmode=disable',
    );
  });

  it('sets the time zone to UTC, as the adapter expects', () => {
    expect(poolOf('').pool.options.options).toBe('-c timezone=UTC');
  });

  it('survives a connection that breaks while it is in use', () => {
    const { Client } = poolOf('').pool.options as unknown as { readonly Client: typeof pg.Client };
    expect(() => new Client().emit('error', new Error('terminating connection'))).not.toThrow();
  });

  it('reports an idle connection that breaks, and continues', () => {
    const lastMessages: string[] = [];
    const { pool } = postgresPool('postgresql://127.0.0.1:5433/x', (message) => lastMessages.push(message));
    pool.emit('error', new Error('terminating connection'), new pg.Client());
    expect(lastMessages).toEqual(['terminating connection']);
  });

  it('does not remember errors that do not come from PostgreSQL', async () => {
    const server = createServer((socket) => void socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { readonly port: number };
    const { pool, lastMessages } = postgresPool(`postgresql://127.0.0.1:${port}/x`, unheard);
    await expect(pool.query('select 1')).rejects.toThrow();
    expect(lastMessages.size).toBe(0);
    await pool.end();
  });
});
