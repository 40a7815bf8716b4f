import process from 'node:process';
import pg from 'pg';
import { deployMigrations, MigrationError, resolveMigration } from '../prisma/migrations.ts';

// Stands in for the Prisma CLI in the calls that LiteLLM makes at its start: `migrate deploy`, `migrate resolve`,
// `migrate diff` and `--version`.

const [command, action, ...rest] = process.argv.slice(2);
/** LiteLLM starts this program in the folder of its schema. */
const FOLDER = 'migrations';
/** After that, LiteLLM tries again. */
const CONNECT_MS = 20_000;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

/** Worded as in the Prisma CLI, because LiteLLM recognises the cause by the text. */
function connectionError(error: unknown, url: URL): string {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  const server = `${url.hostname}:${url.port || 5432}`;
  if (code === '28P01' || /password/.test(message)) {
    return `Error: P1000: Authentication failed against database server at \`${url.hostname}\`, the provided database credentials for \`${url.username}\` are not valid.`;
  }
  if (code === '3D000')
    return `Error: P1003: Database \`${url.pathname.slice(1)}\` does not exist on the database server at \`${server}\`.`;
  return `Error: P1001: Can't reach database server at \`${server}\``;
}

async function migrate(): Promise<void> {
  const url = new URL(process.env.DATABASE_URL ?? '');
  for (const name of [...url.searchParams.keys()]) if (name !== 'sslmode') url.searchParams.delete(name);
  const client = new pg.Client({ connectionString: url.toString(), connectionTimeoutMillis: CONNECT_MS });
  try {
    await client.connect();
  } catch (error) {
    fail(connectionError(error, url));
    return;
  }
  try {
    const lock = !process.env.PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK;
    if (action === 'deploy') await deployMigrations(client, FOLDER, { lock, print });
    else await resolveMigration(client, FOLDER, { name: rest.at(-1) ?? '', applied: rest.includes('--applied') });
  } catch (error) {
    fail(error instanceof MigrationError ? error.message : String(error));
  } finally {
    await client.end();
  }
}

if (command === '-v' || process.argv.includes('--version')) print('prisma : 5.4.2 (agents-llm)');
else if (command === 'migrate' && (action === 'deploy' || action === 'resolve')) await migrate();
// There is no difference, because these are LiteLLM's own migrations.
else if (command === 'migrate' && action === 'diff') print('');
else fail(`Not supported here: prisma ${process.argv.slice(2).join(' ')}`);
