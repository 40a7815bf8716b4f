// How long `requests` takes on a log of 100,000 rows, with and without filters: copies of a row that LiteLLM itself has written.
import { execFileSync } from 'node:child_process';
import { median, time } from './measure.js';

/** @typedef {import('./measure.js').CommandLine} CommandLine */

const ROWS = 100_000;
const LIMIT_MS = 1000;
const RUNS = 9;
const TABLE = '"LiteLLM_SpendLogs"';

/** One row every 20 s, back to 23 days ago; one in 500 failed. */
const COPIES = `
INSERT INTO ${TABLE} (request_id, call_type, api_key, spend, "startTime", "endTime", model, model_group, metadata, status)
SELECT 'copy-' || i, call_type, api_key, spend, "startTime" - i * interval '20 s', "endTime" - i * interval '20 s', model,
  model_group, metadata, CASE WHEN i % 500 = 0 THEN 'failure' ELSE status END
FROM (SELECT * FROM ${TABLE} WHERE model_group = 'mocked' LIMIT 1) one, generate_series(1, ${ROWS}) i;
ANALYZE ${TABLE};`;

/**
 * @param {{ ours: (...args: string[]) => CommandLine, env: NodeJS.ProcessEnv, project: string }} stack
 * @returns {Promise<import('./measure.js').Row[]>}
 */
export async function requestsRows({ ours, env, project }) {
  const psql = [
    'exec',
    '-i',
    `${project}-litellm-db-1`,
    'psql',
    '-qAt',
    '-v',
    'ON_ERROR_STOP=1',
    '-U',
    'litellm',
    'litellm',
  ];
  const sql = (/** @type {string} */ input) => execFileSync('docker', psql, { input, encoding: 'utf8' }).trim();
  const key = ['--alias', 'requests'];
  time(ours('alias', 'add', 'mocked', '--mock', 'pong'), env);
  time(ours('provision-key', ...key, '--models', 'mocked'), env);
  time(ours('chat', ...key, 'mocked', 'ping'), env);
  // LiteLLM writes its log in batches.
  for (let looks = 0; sql(`SELECT count(*) FROM ${TABLE} WHERE model_group = 'mocked'`) === '0'; looks += 1) {
    if (looks === 120) throw new Error('LiteLLM has not logged the request within a minute');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  sql(COPIES);
  const rows = [[], ['--failed', '--model', 'mocked', '--key', 'requests']].map((filters) => {
    const command = ours('requests', ...filters);
    const ms = median(Array.from({ length: RUNS }, () => time(command, env)));
    const name = ['requests', ...filters].join(' ');
    const held = ms <= LIMIT_MS ? 'yes' : 'NO';
    return [
      `\`${name}\`, ${ROWS.toLocaleString('en-US')} rows`,
      'a second',
      ms.toFixed(0),
      String(LIMIT_MS),
      (ms / LIMIT_MS).toFixed(2),
      '1',
      held,
      RUNS,
    ];
  });
  sql(`TRUNCATE ${TABLE};`);
  return rows;
}
