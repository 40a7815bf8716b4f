import pg from 'pg';
import { setTypeParsers, withKnownTypes } from './column-types.ts';
import type { DatabaseAddress } from './engine-error.ts';

export interface PostgresPool {
  readonly pool: pg.Pool;
  /** The limits that clients are told about when no connection is free. */
  readonly limits: { readonly limit: number; readonly timeoutSeconds: number };
  readonly address: DatabaseAddress;
  readonly schema: string | undefined;
  /** PostgreSQL's last message of each SQLSTATE. */
  readonly lastMessages: ReadonlyMap<string, string>;
}

/** Parameters of Prisma's connection URLs that PostgreSQL does not know. */
const OWN_PARAMETERS = ['connection_limit', 'pool_timeout', 'schema', 'pgbouncer', 'connect_timeout'];
const MOST_CONNECTIONS = 20;
const POOL_TIMEOUT_SECONDS = 10;

/** A pool for a connection URL of Prisma, whose results and errors the adapter can read. */
export function postgresPool(connectionUrl: string, onError: (message: string) => void): PostgresPool {
  const url = new URL(connectionUrl);
  const requested = Number(url.searchParams.get('connection_limit') ?? 10);
  const limit = Math.max(1, Math.min(requested, MOST_CONNECTIONS));
  const timeoutSeconds = Number(url.searchParams.get('pool_timeout') ?? POOL_TIMEOUT_SECONDS);
  const schema = url.searchParams.get('schema') ?? undefined;
  for (const name of OWN_PARAMETERS) url.searchParams.delete(name);
  const lastMessages = new Map<string, string>();
  setTypeParsers(pg.types);
  const pool = new pg.Pool({
    connectionString: url.toString(),
    max: limit,
    connectionTimeoutMillis: timeoutSeconds * 1000,
    Client: readableClient(lastMessages),
    // The adapter reads times with a zone as if the zone was UTC.
    options: '-c timezone=UTC',
  });
  // For a connection that is lost while it is idle; the next query gets another one.
  pool.on('error', (error) => onError(error.message));
  const address = { host: url.hostname, port: Number(url.port || 5432) };
  return { pool, limits: { limit, timeoutSeconds }, lastMessages, schema, address };
}

type Result = pg.QueryResult | pg.QueryResult[];

function readableClient(lastMessages: Map<string, string>): typeof pg.Client {
  const remember = (error: unknown): unknown => {
    if (error instanceof pg.DatabaseError && error.code) lastMessages.set(error.code, error.message);
    return error;
  };
  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      // For a connection that is lost in a transaction, where the pool does not listen: the next query fails.
      this.on('error', () => undefined);
    }

    override query(...args: unknown[]) {
      const last = args.at(-1);
      if (typeof last === 'function') {
        args[args.length - 1] = (error: unknown, result: Result) =>
          last(remember(error), result && withKnownTypes(result));
      }
      const returned: unknown = Reflect.apply(super.query, this, args);
      if (!(returned instanceof Promise)) return returned as never;
      const readable = returned.then(withKnownTypes, (error: unknown) => {
        throw remember(error);
      });
      return readable as never;
    }
  };
}
