import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import { deployMigrations, resolveMigration } from '../../../../../src/runtime/native/prisma/migrations.ts';
import { temporaryFolder } from '../../../../support/temporary-folder.ts';

const LEDGER = 'create table if not exists "_prisma_migrations"';

/** A server that knows the names in its ledger and refuses some SQL; what it was asked is in `asked`. */
function fakeClient(applied: readonly string[] = [], refuses: Readonly<Record<string, object>> = {}) {
  const asked: (readonly [string, readonly unknown[]])[] = [];
  const query = async (text: string, values: readonly unknown[] = []) => {
    asked.push([text.replace(/\s+/g, ' '), values]);
    if (text in refuses) throw Object.assign(new Error(), refuses[text]);
    return {
      rows: text.startsWith('select migration_name') ? applied.map((migration_name) => ({ migration_name })) : [],
    };
  };
  return { client: { query } as unknown as pg.Client, asked };
}

const begin = 'insert into "_prisma_migrations"(id, checksum, migration_name) values ($1, $2, $3)';
const end = 'update "_prisma_migrations" set finished_at = now(), applied_steps_count = 1 where id = $1';
const closeOpen =
  'update "_prisma_migrations" set rolled_back_at = now() where migration_name = $1 and finished_at is null and rolled_back_at is null';
const checksum = (sql: string) => createHash('sha256').update(sql).digest('hex');

async function migrations(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, sql] of Object.entries(files)) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'migration.sql'), sql);
  }
  await writeFile(join(folder, 'migration_lock.toml'), 'provider = "postgresql"\n');
  await mkdir(join(folder, '20990101_without_sql'));
  return folder;
}

async function deploy(folder: string, { client }: ReturnType<typeof fakeClient>, lock = true) {
  const printed: string[] = [];
  await deployMigrations(client, folder, { lock, print: (line) => printed.push(line) });
  return printed;
}

describe('deployMigrations', () => {
  it('applies missing migrations in order, and records each before and after', async () => {
    const folder = await migrations({ '2_two': 'select 2', '1_one': 'select 1', '3_three': 'select 3' });
    const server = fakeClient(['1_one']);
    expect(await deploy(folder, server)).toEqual([
      '3 migrations found in prisma/migrations',
      'Applying migration `2_two`',
      'Applying migration `3_three`',
      'All migrations have been successfully applied.',
    ]);
    const [lock, ledger, , ...rest] = server.asked;
    expect(lock).toEqual(['select pg_advisory_lock(72707369)', []]);
    expect(ledger?.[0]).toContain(LEDGER);
    const id = expect.stringMatching(/^[0-9a-f-]{36}$/);
    const steps = (name: string, sql: string) => [
      [closeOpen, [name]],
      [begin, [id, checksum(sql), name]],
      [sql, []],
      [end, [id]],
    ];
    expect(rest).toEqual([...steps('2_two', 'select 2'), ...steps('3_three', 'select 3')]);
  });

  it('says when nothing is pending, which spares LiteLLM its check', async () => {
    const folder = await migrations({ '1_one': 'select 1' });
    expect((await deploy(folder, fakeClient(['1_one']))).at(-1)).toBe('No pending migrations to apply.');
  });

  it('takes no lock when the lock is disabled', async () => {
    const server = fakeClient();
    await deploy(await migrations({}), server, false);
    expect(server.asked.map(([text]) => text).join()).not.toContain('advisory');
  });

  it('stops at a migration that PostgreSQL refuses, and records why', async () => {
    const folder = await migrations({ '20250101_one': 'bad sql', '20250102_two': 'select 2' });
    const refused = { code: '42701', message: 'column "x" of relation "y" already exists' };
    const server = fakeClient([], { 'bad sql': refused });
    await expect(deploy(folder, server)).rejects.toMatchObject({
      name: 'MigrationError',
      message: `Error: P3018

A migration failed to apply.

Migration name: 20250101_one

Database error code: 42701

Database error:
ERROR: column "x" of relation "y" already exists
`,
    });
    const last = server.asked.at(-1);
    expect(last).toEqual([
      'update "_prisma_migrations" set logs = $2 where id = $1',
      [expect.any(String), refused.message],
    ]);
  });

  it('reports the cause even when it cannot be recorded', async () => {
    const folder = await migrations({ '1_one': 'bad sql' });
    const server = fakeClient([], {
      'bad sql': { code: '57P01', message: 'terminating connection' },
      'update "_prisma_migrations" set logs = $2 where id = $1': { message: 'Connection terminated' },
    });
    await expect(deploy(folder, server)).rejects.toThrow('Database error code: 57P01');
  });
});

describe('resolveMigration', () => {
  it('marks an unfinished migration as rolled back', async () => {
    const { client, asked } = fakeClient();
    await resolveMigration(client, '/nowhere', { name: '1_one', applied: false });
    expect(asked.map(([text]) => text)).toEqual([expect.stringContaining(LEDGER), closeOpen]);
    expect(asked.at(-1)?.[1]).toEqual(['1_one']);
  });

  it('marks a migration as applied once, with its checksum, despite failed attempts', async () => {
    const folder = await migrations({ '1_one': 'select 1' });
    const { client, asked } = fakeClient();
    await resolveMigration(client, folder, { name: '1_one', applied: true });
    expect(asked.slice(1, -1)).toEqual([[closeOpen, ['1_one']]]);
    const [text, values] = asked.at(-1) ?? [];
    expect(text).toContain('where migration_name = $3::varchar and finished_at is not null and rolled_back_at is null');
    expect(values).toEqual([expect.any(String), checksum('select 1'), '1_one']);
  });

  it('refuses a migration without its SQL', async () => {
    const { client } = fakeClient();
    const resolved = resolveMigration(client, await migrations({}), { name: '1_none', applied: true });
    await expect(resolved).rejects.toThrow('ENOENT');
  });
});
