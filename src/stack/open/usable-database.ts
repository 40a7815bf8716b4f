import type { Invocation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import { commandLine } from '../../model/settings.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import type { Runtime } from '../../runtime/runtime.ts';

/** LiteLLM is tested on 16, and PostgreSQL maintains nothing older any more. */
const OLDEST = 13;

const LOOK = `SELECT current_setting('server_version_num'), to_regclass('_prisma_migrations') IS NOT NULL;\n`;
const APPLIED = `SELECT migration_name FROM _prisma_migrations WHERE rolled_back_at IS NULL;\n`;

/**
 * Refuses, before LiteLLM changes anything in it, a database of the user's that LiteLLM cannot use. `runtime` is that of
 * `onDatabaseOf`.
 */
export async function requireUsableDatabase(
  { progress }: Pick<Invocation, 'progress'>,
  runtime: Runtime,
  spec: StackSpec,
): Promise<void> {
  if (!spec.externalDatabase) return;
  progress.phase('looking at the database');
  const text = await runtime.database.sql(LOOK).catch((error: unknown) => {
    throw error instanceof CliError && error.code === 'database_failed' ? connectFailure(error, spec.project) : error;
  });
  const [version = '', hasTables] = text.trim().split('|');
  const major = Math.floor(Number(version) / 10_000);
  if (major < OLDEST) {
    throw new CliError('database_too_old', `the database is PostgreSQL ${major}: ${OLDEST} or newer is needed`, {
      hint: 'upgrade it, or name another: --database-url-from-env VAR',
      details: { found: major, needed: OLDEST },
    });
  }
  if (hasTables === 't') await requireKnownMigrations(runtime, spec);
}

/** Migrations are named by their time. LiteLLM's own mark of tables that were there before it has none. */
async function requireKnownMigrations({ database, external }: Runtime, { image, project }: StackSpec): Promise<void> {
  const [applied, known] = await Promise.all([database.sql(APPLIED), external?.migrationsOf(image) ?? []]);
  const newest = [...known].sort().at(-1) ?? '';
  const unknown = applied.split('\n').filter((name) => /^\d{14}_/.test(name) && name > newest);
  const [first] = unknown.sort();
  if (first === undefined) return;
  throw new CliError(
    'database_newer',
    `a newer LiteLLM than ${image} has used the database: it holds the migration ${first}`,
    {
      hint: `run that one: ${commandLine(project, 'up --image IMAGE')}, or name another database`,
      details: { image, unknown, newestKnown: newest },
    },
  );
}

const REFUSED = /authentication failed|no pg_hba\.conf entry|does not exist|SSL|permission denied|no password supplied/;

/** psql says why, and never the password. */
function connectFailure({ message, details }: CliError, project: string): CliError {
  const why = message.replace(/^psql failed: (psql: )?(error: )?/, '');
  const again = commandLine(project, 'up --database-url-from-env VAR');
  if (REFUSED.test(why)) {
    return new CliError('database_refused', `the database refuses the connection: ${why}`, {
      hint: `correct user, password or name in the variable, then: ${again}`,
      details,
    });
  }
  return new CliError('database_unreachable', `the database cannot be reached: ${why}`, {
    hint: `start it, or correct its address, which is seen from a container (this machine is host.docker.internal), then: ${again}`,
    details,
  });
}
