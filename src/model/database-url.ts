/** The parts of a PostgreSQL URL for LiteLLM and Prisma: `postgresql://USER:PASSWORD@HOST:5432/DATABASE`. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly schema: string | undefined;
  readonly sslMode: string | undefined;
}

/** Characters of a URL that Compose and every dotenv parser leave unchanged. */
const SAFE = /^[A-Za-z0-9_.:/@+=?&%~,;-]+$/;
const SCHEMA = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Completes the sentence "The URL …" with the problem, without repeating any part of the URL. */
export function databaseUrlProblem(text: string): string | undefined {
  if (!/^postgres(ql)?:\/\//.test(text)) return 'must begin with postgresql://';
  if (!SAFE.test(text)) return 'has characters that must be percent-encoded (%24 for $, %23 for #, %20 for a space)';
  const address = parseDatabaseUrl(text);
  if (!address) return 'is not a URL such as postgresql://USER:PASSWORD@HOST:5432/DATABASE';
  if (!address.user || !address.host || !address.database) return 'must name a user, a host and a database';
  if (address.schema !== undefined && !SCHEMA.test(address.schema))
    return 'names a schema with characters other than letters, digits and _';
  const { host } = address;
  if (host !== 'localhost' && host !== '[::1]' && !host.startsWith('127.')) return undefined;
  return `names ${host}, which is LiteLLM's own container (from there this machine is host.docker.internal)`;
}

export function parseDatabaseUrl(text: string): DatabaseAddress | undefined {
  try {
    const url = new URL(text);
    return {
      host: url.hostname,
      port: url.port || '5432',
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      database: decodeURIComponent(url.pathname.slice(1)),
      schema: url.searchParams.get('schema') ?? undefined,
      sslMode: url.searchParams.get('sslmode') ?? undefined,
    };
  } catch {
    return undefined;
  }
}

/** The address as environment variables for PostgreSQL's own programs, which do not support Prisma's parameters. */
export function libpqEnvironment(address: DatabaseAddress): Readonly<Record<string, string>> {
  return {
    PGHOST: address.host.replace(/^\[|\]$/g, ''),
    PGPORT: address.port,
    PGUSER: address.user,
    PGPASSWORD: address.password,
    PGDATABASE: address.database,
    PGCONNECT_TIMEOUT: '10',
    ...(address.sslMode === undefined ? {} : { PGSSLMODE: address.sslMode }),
    ...(address.schema === undefined ? {} : { PGOPTIONS: `-c search_path=${address.schema}` }),
  };
}
