// What `provision-key` and `key list` cost on a proxy with 50 aliases and 200 keys.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { median, node, pair, time } from './measure.js';

/** @typedef {import('./measure.js').CommandLine} CommandLine */

const ALIASES = 50;
const KEYS = 200;

/**
 * @param {{ ours: (...args: string[]) => CommandLine, env: NodeJS.ProcessEnv, port: string, secretsFile: string }} stack
 * @returns {Promise<import('./measure.js').Row[]>}
 */
export async function adminRows({ ours, env, port, secretsFile }) {
  const masterKey = /LITELLM_MASTER_KEY=(.*)/.exec(readFileSync(secretsFile, 'utf8'))?.[1];
  const given = { ...env, PROVIDER_KEY: 'sk-provider-key-0123456789' };
  /** @param {string} path @param {unknown} body */
  const post = async (path, body) => {
    const headers = { authorization: `Bearer ${masterKey}`, 'content-type': 'application/json' };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
  time(ours('provider', 'add', 'openai', '--from-env', 'PROVIDER_KEY'), given);
  time(ours('alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai'), given);
  time(ours('provision-key'), given);
  for (let i = 1; i < ALIASES; i += 1) {
    const litellm_params = { model: 'openai/gpt-4o', litellm_credential_name: 'openai' };
    await post('/model/new', { model_name: `model-${i}`, litellm_params });
  }
  const makeKeys = async (/** @type {number} */ from, /** @type {number} */ to) => {
    for (let i = from; i < to; i += 1) await post('/key/generate', { key_alias: `key-${i}`, models: ['gpt-5'] });
  };
  const list = ours('key', 'list', '--json');
  const less = () => median(Array.from({ length: 9 }, () => time(list, env) - time(node.command)));
  await makeKeys(1, KEYS / 2);
  const onePage = less();
  await makeKeys(KEYS / 2, KEYS);
  const twoPages = less();
  return [
    await provisionRow(ours('provision-key', '--json'), env),
    [
      `\`key list\`, ${KEYS} keys, ${ALIASES} aliases`,
      `the same with ${KEYS / 2} keys: half the pages`,
      twoPages.toFixed(0),
      onePage.toFixed(0),
      (twoPages / onePage).toFixed(2),
      '2',
      twoPages / onePage <= 2 ? 'yes' : 'NO',
      9,
    ],
  ];
}

/**
 * A `provision-key` that changes nothing, less what its longest HTTP call takes: the others run beside it.
 * @param {CommandLine} command
 * @param {NodeJS.ProcessEnv} env
 */
async function provisionRow(command, env) {
  const http = median(Array.from({ length: 5 }, () => httpTime(command, env)));
  const measure = (/** @type {CommandLine} */ line) => time(line, env) - (line === command ? http : 0);
  const options = { difference: true, target: '+ 150 ms', limit: 150, env, measure };
  return pair(
    `\`provision-key\`, unchanged, less its longest HTTP call (${http.toFixed(0)} ms)`,
    9,
    command,
    node,
    options,
  );
}

/**
 * The longest of what `--debug` says of each call.
 * @param {CommandLine} command
 * @param {NodeJS.ProcessEnv} env
 */
function httpTime({ file, args }, env) {
  const { stderr } = spawnSync(file, [...args, '--debug'], { env, encoding: 'utf8' });
  return [...stderr.matchAll(/ after (\d+) ms/g)].reduce((most, [, ms]) => Math.max(most, Number(ms)), 0);
}
