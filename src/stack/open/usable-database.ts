import type { Operation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import type { Runtime } from '../../runtime/runtime.ts';

/** LiteLLM is tested on 16; PostgreSQL no longer maintains anything older than 13. */
const OLDEST = 13;

const LOOK = `SELECT current_setting('server_version_num'), to_regclass('_prisma_migrations') IS NOT NULL;\n`;
const APPLIED = `SELECT migration_name FROM _prisma_migrations WHERE rolled_back_at IS NULL;\n`;

/** Refuses an external database that LiteLLM cannot use, before LiteLLM changes anything in it. */
export async function requireUsableDatabase(
  { progress }: Pick<Operation, 'progress'>,
  runtime: Runtime,
  spec: StackSpec,
): Promise<void> {
  if (!spec.externalDatabase) return;
  progress.phase('Checking the database');
  const text = await runtime.database.sql(LOOK).catch((error: unknown) => {
    throw error instanceof CliError && error.code === 'database_failed' ? connectFailure(error) : error;
  });
  const [version = '', hasTables] = text.trim().split('|');
  const major = Math.floor(Number(version) / 10_000);
  if (major < OLDEST) {
    throw new CliError(
      'database_too_old',
      `The database is PostgreSQL ${major}, but LiteLLM needs ${OLDEST} or later`,
      {
        hint: 'Upgrade the database\nOr use another one: --database-url-from-env VAR',
        details: { found: major, needed: OLDEST },
      },
    );
  }
  if (hasTables === 't') await requireKnownMigrations(runtime, spec);
}

/** Migrations are named by their time. LiteLLM's own mark of tables that were there before it has none. */
async function requireKnownMigrations({ database, external }: Runtime, { image }: StackSpec): Promise<void> {
  const [applied, known] = await Promise.all([database.sql(APPLIED), external?.migrationsOf(image) ?? []]);
  const newest = [...known].sort().at(-1) ?? '';
  const unknown = applied.split('\n').filter((name) => /^\d{14}_/.test(name) && name > newest);
  const [first] = unknown.sort();
  if (first === undefined) return;
  throw new CliError(
    'database_newer',
    `A newer LiteLLM than ${image} has used the database, which contains the migration ${first}`,
    {
      hint: 'Run that version: agents-llm up --image IMAGE\nOr use another database: agents-llm up --database-url-from-env VAR',
      details: { image, unknown, newestKnown: newest },
    },
  );
}

const REFUSED = /authentication failed|no pg_hba\.conf entry|does not exist|SSL|permission denied|no password supplied/;

/** psql says why, but never the password. */
function connectFailure({ message, details }: CliError): CliError {
  const why = message.replace(/^psql failed: (psql: )?(error: )?/, '');
  if (REFUSED.test(why)) {
    return new CliError('database_refused', `The database refused the connection: ${why}`, {
      hint: 'Correct user, password or database name in the variable, then run: agents-llm up --database-url-from-env VAR',
      details,
    });
  }
  return new CliError('database_unreachable', `Cannot reach the database: ${why}`, {
    hint: `Start the database, or correct its address: containers reach this machine as host.docker.internal
Then run: agents-llm up --database-url-from-env VAR`,
    details,
  });
}
