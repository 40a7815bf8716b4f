import { expect, test } from 'vitest';
import { canSwapBack, dropPrevious, loadBeside, swapBack, swapIn } from '../../../../src/stack/backup/swap-database.ts';
import { READ_ROWS } from '../../../../src/stack/data/data-rows.ts';
import { fakeRuntime } from '../../../support/fake-runtime.ts';

/** What was done, in order: `DATABASE: SQL` by LiteLLM's role, and by the administrator's. */
function setUp(before = '0') {
  const done: string[] = [];
  const { database } = fakeRuntime({
    database: {
      sql: async (script, name = 'litellm') => {
        done.push(`${name}: ${script.trim()}`);
        expect(script).toBe(READ_ROWS);
        return '{"providers":[],"aliases":[],"keys":[],"teams":[]}';
      },
      administer: async (script) => {
        done.push(`all rights: ${script.trim().replaceAll('\n', ' ')}`);
        return script.startsWith('SELECT count') ? `${before}\n` : '';
      },
      restore: async (file, name) => void done.push(`restore ${file} into ${name}`),
    },
  });
  return { database, done };
}

const rename = (names: string, ...pairs: string[]) =>
  `all rights: BEGIN; DO $$ BEGIN PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname IN (${names}); END $$; ${pairs.map((pair) => `ALTER DATABASE ${pair};`).join(' ')} COMMIT;`;

test('loads an archive beside the database in use', async () => {
  const { database, done } = setUp();
  expect(await loadBeside(database, '/b/x.dump')).toEqual({ providers: 0, aliases: 0, keys: 0, teams: 0 });
  expect(done.slice(0, 3)).toEqual([
    'all rights: DROP DATABASE IF EXISTS litellm_restore WITH (FORCE);',
    'all rights: CREATE DATABASE litellm_restore OWNER litellm;',
    'restore /b/x.dump into litellm_restore',
  ]);
  expect(done[3]).toMatch(/^litellm_restore: SELECT json_build_object/);
});

test('swaps the databases in one transaction and keeps the previous one', async () => {
  const { database, done } = setUp();
  await swapIn(database);
  expect(done).toEqual([
    'all rights: DROP DATABASE IF EXISTS litellm_before WITH (FORCE);',
    rename("'litellm', 'litellm_restore'", 'litellm RENAME TO litellm_before', 'litellm_restore RENAME TO litellm'),
  ]);
});

test('swaps back in one transaction', async () => {
  const { database, done } = setUp('1');
  expect(await canSwapBack(database)).toBe(true);
  await swapBack(database);
  expect(done).toContain(
    rename("'litellm', 'litellm_before'", 'litellm RENAME TO litellm_failed', 'litellm_before RENAME TO litellm'),
  );
  expect(done.at(-1)).toBe('all rights: DROP DATABASE IF EXISTS litellm_failed WITH (FORCE);');
});

test('undoes nothing when there was no swap', async () => {
  const { database, done } = setUp('0');
  expect(await canSwapBack(database)).toBe(false);
  expect(done).toHaveLength(1);
});

test('drops the previous database once the new data is verified', async () => {
  const { database, done } = setUp();
  await dropPrevious(database);
  expect(done).toEqual(['all rights: DROP DATABASE IF EXISTS litellm_before WITH (FORCE);']);
});
