/** As the query engine answers a failure. */
export interface EngineError {
  readonly error: string;
  readonly user_facing_error?: UserFacingError;
}

interface UserFacingError {
  readonly is_panic: boolean;
  readonly message: string;
  readonly error_code?: string;
  readonly meta?: Readonly<Record<string, unknown>>;
}

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
}

/** What the engine itself forgets about failures. */
export interface ErrorSources {
  readonly address: DatabaseAddress;
  /** What PostgreSQL said last, by SQLSTATE. */
  readonly said: ReadonlyMap<string, string>;
  readonly pool: { readonly limit: number; readonly timeoutSeconds: number };
  /** What the adapter threw, by the number that the engine gives it. */
  readonly thrown: (id: number) => unknown;
}

/** Something that is no answer of PostgreSQL's happened below the engine. */
const EXTERNAL = 'P2036';
const NO_FREE_CONNECTION = /timeout exceeded when trying to connect/;
const LOST =
  /\b(?:ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)\b|Connection terminated|not queryable|timeout expired/;
/** PostgreSQL's last words on a connection. */
const TERMINATED = /^57P0[125]$/;

/** What the engine answers, told as the native engine tells it. */
export function nativeError(error: EngineError, sources: ErrorSources): EngineError {
  const facing = error.user_facing_error;
  if (facing?.error_code === EXTERNAL) return externalError(sources.thrown(Number(facing.meta?.id)), sources);
  const code = sqlState(error);
  if (code !== undefined && TERMINATED.test(code)) return cannotReach(sources.address);
  // The WebAssembly build forgets what PostgreSQL said of some raw queries that failed.
  const message = code === undefined ? undefined : sources.said.get(code);
  if (facing?.error_code !== 'P2010' || facing.meta?.message !== 'N/A' || !message) return error;
  const text = `Raw query failed. Code: \`${code}\`. Message: \`${message}\``;
  return { error: text, user_facing_error: { ...facing, message: text, meta: { ...facing.meta, message } } };
}

/** What was thrown instead of answered: the engine's own error as JSON text, or a failure of ours. */
export function thrownError(error: unknown, sources: ErrorSources): EngineError {
  const text = error instanceof Error ? error.message : String(error);
  const facing = parseFacing(text);
  if (facing) return nativeError({ error: facing.message, user_facing_error: facing }, sources);
  return { error: text, user_facing_error: { is_panic: false, message: text, error_code: 'P2009' } };
}

function parseFacing(text: string): UserFacingError | undefined {
  try {
    const parsed = JSON.parse(text) as UserFacingError | null;
    return typeof parsed?.message === 'string' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Of a raw query it is in the details, otherwise in the text alone. */
function sqlState({ error, user_facing_error: facing }: EngineError): string | undefined {
  if (facing?.error_code === 'P2010' && typeof facing.meta?.code === 'string') return facing.meta.code;
  return /\bPostgresError \{ code: "(\w{5})"/.exec(error)?.[1];
}

function externalError(thrown: unknown, { address, pool }: ErrorSources): EngineError {
  const text = thrown instanceof Error ? `${(thrown as NodeJS.ErrnoException).code ?? ''} ${thrown.message}` : '';
  if (NO_FREE_CONNECTION.test(text)) return noFreeConnection(pool);
  if (LOST.test(text)) return cannotReach(address);
  const message = `Error in the database driver: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  return { error: message, user_facing_error: { is_panic: false, message, meta: {}, error_code: EXTERNAL } };
}

/** As the native engine words it, so that clients know a lost database for one. */
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
