import { describe, expect, it } from 'vitest';
import { silentProgress } from '../../../../src/io/terminal/progress.ts';
import { CliError, EXIT } from '../../../../src/model/errors.ts';
import { Secret } from '../../../../src/model/secret.ts';
import type { StackSpec } from '../../../../src/model/stack-spec.ts';
import { onDatabaseOf } from '../../../../src/stack/open/external-database.ts';
import { requireUsableDatabase } from '../../../../src/stack/open/usable-database.ts';
import { caught } from '../../../support/caught.ts';
import { fakeRuntime } from '../../../support/fake-runtime.ts';

const spec: StackSpec = {
  ...{ project: 'shop', bind: '127.0.0.1', port: 4000, image: 'l:1', databaseImage: 'p:1' },
  externalDatabase: true,
};
const databaseUrl = new Secret('postgresql://app:secret@db/gateway');
const KNOWN = ['20250101000000_a', '20260101000000_b'];

/** Answers to the look at the server, and to the list of migrations. */
function use(look: string | Error, applied: readonly string[] = [], given = spec): Promise<void> {
  const { database } = fakeRuntime({
    database: {
      async sql(script) {
        if (script.includes('_prisma_migrations WHERE')) return applied.map((name) => `${name}\n`).join('');
        if (look instanceof Error) throw look;
        return look;
      },
    },
  });
  const asked: string[] = [];
  const runtime = fakeRuntime({
    external: {
      at: (url, image) => {
        asked.push(`${url.reveal()} ${image}`);
        return database;
      },
      migrationsOf: async () => KNOWN,
    },
  });
  const external = onDatabaseOf(runtime, given, { databaseUrl });
  expect(asked).toEqual(given.externalDatabase ? ['postgresql://app:secret@db/gateway p:1'] : []);
  return requireUsableDatabase({ progress: silentProgress }, external, given);
}

describe('requireUsableDatabase', () => {
  it.each([
    ['an empty one', '160004|f\n', []],
    ['the oldest supported one', '130000|f\n', []],
    ['one of this LiteLLM', '160004|t\n', KNOWN],
    ['one of an older LiteLLM', '160004|t\n', KNOWN.slice(0, 1)],
    ['one whose tables are older than the migrations', '160004|t\n', ['0_init', ...KNOWN]],
    ['one with a migration that later versions dropped', '160004|t\n', ['20250601000000_gone', ...KNOWN]],
  ])('accepts %s', (_, look, applied) => expect(use(look, applied)).resolves.toBeUndefined());

  it('checks nothing for the own database of a stack', async () => {
    await use(new Error('not asked'), [], { ...spec, externalDatabase: undefined });
  });

  it('rejects a database that is too old', async () => {
    expect(await caught(() => use('120017|f\n'))).toMatchObject({
      code: 'database_too_old',
      exitCode: EXIT.prerequisite,
      message: 'The database is PostgreSQL 12, but LiteLLM needs 13 or later',
      hint: expect.stringContaining('--database-url-from-env'),
      details: { found: 12, needed: 13 },
    });
  });

  it('rejects a database that a newer LiteLLM has used', async () => {
    const newer = ['20270201000000_d', '20270101000000_c'];
    expect(await caught(() => use('160004|t\n', [...KNOWN, ...newer]))).toMatchObject({
      code: 'database_newer',
      exitCode: EXIT.data,
      message: 'A newer LiteLLM than l:1 has used the database, which contains the migration 20270101000000_c',
      hint: expect.stringContaining('Run that version: agents-llm up --image IMAGE'),
      details: { unknown: [...newer].sort(), newestKnown: KNOWN[1] },
    });
  });

  it.each([
    ['connection to server at "db" (10.0.0.5), port 5432 failed: Connection refused', 'database_unreachable', true],
    ['could not translate host name "db" to address: Name or service not known', 'database_unreachable', true],
    ['connection to server at "db", port 5432 failed: timeout expired', 'database_unreachable', true],
    ['connection to server failed: FATAL:  password authentication failed for user "app"', 'database_refused', false],
    ['connection to server failed: FATAL:  database "gateway" does not exist', 'database_refused', false],
    ['connection failed: server does not support SSL, but SSL was required', 'database_refused', false],
  ] as const)('explains why the database is unusable: %s', async (why, code, retryable) => {
    const failed = new CliError('database_failed', `psql failed: psql: error: ${why}`);
    const error = await caught(() => use(failed));
    expect(error).toMatchObject({ code, exitCode: EXIT.prerequisite, retryable });
    expect(error.message).toMatch(/^(Cannot reach the database|The database refused the connection): /);
    expect(error.message).toContain(why);
    expect(error.hint).toContain('hen run: agents-llm up --database-url-from-env VAR');
  });

  it('passes on errors from elsewhere', async () => {
    const missing = new CliError('docker_missing', 'docker not found on PATH');
    expect(await caught(() => use(missing))).toBe(missing);
  });
});
