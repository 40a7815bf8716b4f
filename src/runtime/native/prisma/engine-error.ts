/** An error in an answer of the query engine. */
export interface EngineError {
  readonly error: string;
  readonly user_facing_error?: UserFacingError;
}

export interface UserFacingError {
  readonly is_panic: boolean;
  readonly message: string;
  readonly error_code?: string;
  readonly meta?: Readonly<Record<string, unknown>>;
}

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
}

/** Details of failures that the engine itself does not report. */
export interface ErrorSources {
  readonly address: DatabaseAddress;
  /** PostgreSQL's last message of each SQLSTATE. */
  readonly lastMessages: ReadonlyMap<string, string>;
  readonly pool: { readonly limit: number; readonly timeoutSeconds: number };
  /** What the adapter threw, by the engine's number for it. */
  readonly thrown: (id: number) => unknown;
}

/** A failure below the engine that is not an answer of PostgreSQL. */
const EXTERNAL = 'P2036';
const NO_FREE_CONNECTION = /timeout exceeded when trying to connect/;
const LOST =
  /\b(?:ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)\b|Connection terminated|not queryable|timeout expired/;
/** The SQLSTATEs with which PostgreSQL closes a connection. */
const TERMINATED = /^57P0[125]$/;

/** Turns the engine's error into the one that the native engine returns. */
export function nativeError(error: EngineError, sources: ErrorSources): EngineError {
  const userFacing = error.user_facing_error;
  if (userFacing?.error_code === EXTERNAL) return externalError(sources.thrown(Number(userFacing.meta?.id)), sources);
  const code = sqlState(error);
  if (code !== undefined && TERMINATED.test(code)) return cannotReach(sources.address);
  // The WebAssembly build loses PostgreSQL's message for some raw queries.
  const message = code === undefined ? undefined : sources.lastMessages.get(code);
  if (userFacing?.error_code !== 'P2010' || userFacing.meta?.message !== 'N/A' || !message) return error;
  const text = `Raw query failed. Code: \`${code}\`. Message: \`${message}\``;
  return { error: text, user_facing_error: { ...userFacing, message: text, meta: { ...userFacing.meta, message } } };
}

/** Turns a thrown error into an answer: the engine's own error as JSON text, or a failure of ours. */
export function thrownError(error: unknown, sources: ErrorSources): EngineError {
  const text = error instanceof Error ? error.message : String(error);
  const userFacing = parseUserFacing(text);
  if (userFacing) return nativeError({ error: userFacing.message, user_facing_error: userFacing }, sources);
  return { error: text, user_facing_error: { is_panic: false, message: text, error_code: 'P2009' } };
}

function parseUserFacing(text: string): UserFacingError | undefined {
  try {
    const parsed = JSON.parse(text) as UserFacingError | null;
    return typeof parsed?.message === 'string' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The SQLSTATE, which is in the details for a raw query, otherwise only in the text. */
function sqlState({ error, user_facing_error: userFacing }: EngineError): string | undefined {
  if (userFacing?.error_code === 'P2010' && typeof userFacing.meta?.code === 'string') return userFacing.meta.code;
  return /\bPostgresError \{ code: "(\w{5})"/.exec(error)?.[1];
}

function externalError(thrown: unknown, { address, pool }: ErrorSources): EngineError {
  const text = thrown instanceof Error ? `${(thrown as NodeJS.ErrnoException).code ?? ''} ${thrown.message}` : '';
  if (NO_FREE_CONNECTION.test(text)) return noFreeConnection(pool);
  if (LOST.test(text)) return cannotReach(address);
  const message = `Error in the database driver: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  return { error: message, user_facing_error: { is_panic: false, message, meta: {}, error_code: EXTERNAL } };
}

/** Worded as in the native engine, so that clients recognise a lost database. */
function cannotReach({ host, port }: DatabaseAddress): EngineError {
  const message = `Can't reach database server at \`${host}:${port}\``;
  const meta = { database_host: host, database_port: port };
  return { error: message, user_facing_error: { is_panic: false, message, meta, error_code: 'P1001' } };
}

function noFreeConnection({ limit, timeoutSeconds }: ErrorSources['pool']): EngineError {
  const message = `Timed out fetching a new connection from the connection pool. (Current connection pool timeout: ${timeoutSeconds}, connection limit: ${limit})`;
  const meta = { connection_limit: limit, timeout: timeoutSeconds };
  return { error: message, user_facing_error: { is_panic: false, message, meta, error_code: 'P2024' } };
}
