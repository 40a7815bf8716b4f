import pg from 'pg';
import { knownColumns, setTypeParsers } from './column-types.ts';
import type { DatabaseAddress } from './engine-error.ts';

export interface PostgresPool {
  readonly pool: pg.Pool;
  /** What clients are told when no connection is free. */
  readonly limits: { readonly limit: number; readonly timeoutSeconds: number };
  readonly address: DatabaseAddress;
  readonly schema: string | undefined;
  /** What PostgreSQL said last, by SQLSTATE. */
  readonly said: ReadonlyMap<string, string>;
}

/** Of Prisma's connection URLs, and unknown to PostgreSQL. */
const OWN_PARAMETERS = ['connection_limit', 'pool_timeout', 'schema', 'pgbouncer', 'connect_timeout'];
const MOST_CONNECTIONS = 20;
const POOL_TIMEOUT_SECONDS = 10;

/** A pool for one of Prisma's URLs, whose results and errors the adapter can read. */
export function postgresPool(connectionUrl: string, onError: (message: string) => void): PostgresPool {
  const url = new URL(connectionUrl);
  const asked = Number(url.searchParams.get('connection_limit') ?? 10);
  const limit = Math.max(1, Math.min(asked, MOST_CONNECTIONS));
  const timeoutSeconds = Number(url.searchParams.get('pool_timeout') ?? POOL_TIMEOUT_SECONDS);
  const schema = url.searchParams.get('schema') ?? undefined;
  for (const name of OWN_PARAMETERS) url.searchParams.delete(name);
  const said = new Map<string, string>();
  setTypeParsers(pg.types);
  const pool = new pg.Pool({
    connectionString: url.toString(),
    max: limit,
    connectionTimeoutMillis: timeoutSeconds * 1000,
    Client: readableClient(said),
    // Times with a zone are read as if theirs was UTC.
    options: '-c timezone=UTC',
  });
  // A connection that dies while nobody uses it; the next query gets another.
  pool.on('error', (error) => onError(error.message));
  const address = { host: url.hostname, port: Number(url.port || 5432) };
  return { pool, limits: { limit, timeoutSeconds }, said, schema, address };
}

type Result = pg.QueryResult | pg.QueryResult[];

function readableClient(said: Map<string, string>): typeof pg.Client {
  const remember = (error: unknown): unknown => {
    if (error instanceof pg.DatabaseError && error.code) said.set(error.code, error.message);
    return error;
  };
  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      // One that dies in a transaction, where the pool does not listen: the next query tells of it.
      this.on('error', () => undefined);
    }

    override query(...args: unknown[]) {
      const last = args.at(-1);
      if (typeof last === 'function') {
        args[args.length - 1] = (error: unknown, result: Result) =>
          last(remember(error), result && knownColumns(result));
      }
      const returned: unknown = Reflect.apply(super.query, this, args);
      if (!(returned instanceof Promise)) return returned as never;
      const readable = returned.then(knownColumns, (error: unknown) => {
        throw remember(error);
      });
      return readable as never;
    }
  };
}
