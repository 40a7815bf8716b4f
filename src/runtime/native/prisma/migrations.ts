import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';

/** Prisma's own lock and table, so that its CLI could continue with this database. */
const ADVISORY_LOCK = 72_707_369;
const LEDGER = `create table if not exists "_prisma_migrations" (
  id varchar(36) primary key, checksum varchar(64) not null, finished_at timestamptz,
  migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
  started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`;

/** A migration that PostgreSQL refused, worded as in the Prisma CLI, because LiteLLM parses the text. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';

  constructor(migration: string, { code, message }: { readonly code?: string | undefined; readonly message: string }) {
    const database = `Database error code: ${code}\n\nDatabase error:\nERROR: ${message}`;
    super(`Error: P3018\n\nA migration failed to apply.\n\nMigration name: ${migration}\n\n${database}\n`);
  }
}

/** `migrate deploy`: applies pending migrations in order, and records each before and after. */
export async function deployMigrations(
  client: pg.Client,
  folder: string,
  { lock, print }: { readonly lock: boolean; readonly print: (line: string) => void },
): Promise<void> {
  if (lock) await client.query(`select pg_advisory_lock(${ADVISORY_LOCK})`);
  await client.query(LEDGER);
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'migration.sql')));
  print(`${names.length} migrations found in prisma/migrations`);
  const applied = await client.query<{ migration_name: string }>(
    'select migration_name from "_prisma_migrations" where finished_at is not null and rolled_back_at is null',
  );
  const done = new Set(applied.rows.map((row) => row.migration_name));
  const pending = names.sort().filter((name) => !done.has(name));
  for (const name of pending) {
    print(`Applying migration \`${name}\``);
    await applyMigration(client, name, readSql(folder, name));
  }
  // LiteLLM runs `migrate diff` after each deploy that does not print the first text.
  print(pending.length === 0 ? 'No pending migrations to apply.' : 'All migrations have been successfully applied.');
}

const readSql = (folder: string, name: string) => readFileSync(join(folder, name, 'migration.sql'), 'utf8');
const checksumOf = (sql: string) => createHash('sha256').update(sql).digest('hex');

async function applyMigration(client: pg.Client, name: string, sql: string): Promise<void> {
  const id = randomUUID();
  // Closes an attempt that was killed; the Prisma CLI would refuse to continue.
  await rollBack(client, name);
  const begin = 'insert into "_prisma_migrations"(id, checksum, migration_name) values ($1, $2, $3)';
  await client.query(begin, [id, checksumOf(sql), name]);
  try {
    await client.query(sql);
  } catch (error) {
    const failure = error as { readonly code?: string; readonly message: string };
    await client
      .query('update "_prisma_migrations" set logs = $2 where id = $1', [id, failure.message])
      .catch(() => null);
    throw new MigrationError(name, failure);
  }
  await client.query('update "_prisma_migrations" set finished_at = now(), applied_steps_count = 1 where id = $1', [
    id,
  ]);
}

/** Marks unfinished attempts as rolled back. */
async function rollBack(client: pg.Client, name: string): Promise<void> {
  const open = 'migration_name = $1 and finished_at is null and rolled_back_at is null';
  await client.query(`update "_prisma_migrations" set rolled_back_at = now() where ${open}`, [name]);
}

export interface Resolution {
  readonly name: string;
  readonly applied: boolean;
}

/** `migrate resolve --applied NAME` and `--rolled-back NAME`. LiteLLM calls both, one after the other. */
export async function resolveMigration(
  client: pg.Client,
  folder: string,
  { name, applied }: Resolution,
): Promise<void> {
  await client.query(LEDGER);
  await rollBack(client, name);
  if (!applied) return;
  const insert = `insert into "_prisma_migrations"(id, checksum, migration_name, finished_at)
    select $1::varchar, $2::varchar, $3::varchar, now() where not exists (select 1 from "_prisma_migrations"
    where migration_name = $3::varchar and finished_at is not null and rolled_back_at is null)`;
  await client.query(insert, [randomUUID(), checksumOf(readSql(folder, name)), name]);
}
