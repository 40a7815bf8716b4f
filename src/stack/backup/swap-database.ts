import type { Database } from '../../runtime/runtime.ts';
import { countRows, type DataCounts } from '../data/data-counts.ts';
import { parseRows, READ_ROWS } from '../data/data-rows.ts';

const LIVE = 'litellm';
const NEXT = 'litellm_restore';
const PREVIOUS = 'litellm_before';
const FAILED = 'litellm_failed';

const drop = (name: string) => `DROP DATABASE IF EXISTS ${name} WITH (FORCE);\n`;

/** All in one transaction, so that there is no moment without a database. */
function rename(...pairs: readonly (readonly [from: string, to: string])[]): string {
  const names = pairs.map(([from]) => `'${from}'`).join(', ');
  const renames = pairs.map(([from, to]) => `ALTER DATABASE ${from} RENAME TO ${to};`);
  return `BEGIN;
DO $$ BEGIN PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname IN (${names}); END $$;
${renames.join('\n')}
COMMIT;
`;
}

const HAS_PREVIOUS = `SELECT count(*) FROM pg_database WHERE datname = '${PREVIOUS}';\n`;

/** Fills a database beside the one in use, and returns what it contains. Nothing in use is touched. */
export async function loadBeside(database: Database, file: string): Promise<DataCounts> {
  await database.administer(drop(NEXT));
  await database.administer(`CREATE DATABASE ${NEXT} OWNER litellm;\n`);
  await database.restore(file, NEXT);
  return countRows(parseRows(await database.sql(READ_ROWS, NEXT)));
}

export async function dropLoaded(database: Database): Promise<void> {
  await database.administer(drop(NEXT));
}

/** The gateway must be stopped. The previous database is kept until `dropPrevious`. */
export async function swapIn(database: Database): Promise<void> {
  await database.administer(drop(PREVIOUS));
  await database.administer(rename([LIVE, PREVIOUS], [NEXT, LIVE]));
}

/** Whether there is a `swapIn` to undo, by this run or by one that was killed. */
export async function canSwapBack(database: Database): Promise<boolean> {
  return (await database.administer(HAS_PREVIOUS)).trim() !== '0';
}

export async function swapBack(database: Database): Promise<void> {
  await database.administer(drop(FAILED));
  await database.administer(rename([LIVE, FAILED], [PREVIOUS, LIVE]));
  await database.administer(drop(FAILED));
}

export async function dropPrevious(database: Database): Promise<void> {
  await database.administer(drop(PREVIOUS));
}
