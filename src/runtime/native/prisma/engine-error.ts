/** As the query engine answers a failure. */
export interface EngineError {
  readonly error: string;
  readonly user_facing_error?: {
    readonly is_panic: boolean;
    readonly message: string;
    readonly error_code?: string;
    readonly meta?: Readonly<Record<string, unknown>>;
  };
}

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
}

const LOST = /external connector|ECONNREFUSED|ECONNRESET|terminating connection|Connection terminated/;

/** As the native engine words it, so that clients know a lost database for one. */
function cannotReach({ host, port }: DatabaseAddress): EngineError {
  const message = `Can't reach database server at \`${host}:${port}\``;
  const meta = { database_host: host, database_port: port };
  return { error: message, user_facing_error: { is_panic: false, message, meta, error_code: 'P1001' } };
}

/**
 * What the engine answers, told as the native engine tells it. The WebAssembly build forgets what PostgreSQL said of a raw
 * query that failed; `said` is the last message by its SQLSTATE.
 */
export function nativeError(
  error: EngineError,
  address: DatabaseAddress,
  said: ReadonlyMap<string, string>,
): EngineError {
  const facing = error.user_facing_error;
  if (LOST.test(facing?.message ?? error.error)) return cannotReach(address);
  const code = facing?.meta?.code;
  const message = typeof code === 'string' ? said.get(code) : undefined;
  if (facing?.error_code !== 'P2010' || facing.meta?.message !== 'N/A' || !message) return error;
  const text = `Raw query failed. Code: \`${code}\`. Message: \`${message}\``;
  return { error: text, user_facing_error: { ...facing, message: text, meta: { ...facing.meta, message } } };
}

/** What was thrown instead of answered: the engine's own error as JSON text, or a failure of ours. */
export function thrownError(error: unknown, address: DatabaseAddress, said: ReadonlyMap<string, string>): EngineError {
  const text = error instanceof Error ? error.message : String(error);
  if (LOST.test(text)) return cannotReach(address);
  try {
    const facing = JSON.parse(text) as NonNullable<EngineError['user_facing_error']>;
    return nativeError({ error: facing.message ?? text, user_facing_error: facing }, address, said);
  } catch {
    return { error: text, user_facing_error: { is_panic: false, message: text, error_code: 'P2009' } };
  }
}
