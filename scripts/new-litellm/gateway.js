import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { freePort } from '../free-port.js';

const COMMAND = fileURLToPath(new URL('../../bin/agents-llm.js', import.meta.url));
const PROJECT = 'new-litellm';

/**
 * Gives the work a gateway of that image, with a stack and a folder of its own that are removed afterwards.
 * @template Result
 * @param {string} image
 * @param {(gateway: { ask: import('./contract.js').Ask, masterKey: string }) => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withGateway(image, work) {
  const folder = mkdtempSync(join(tmpdir(), 'agents-llm-new-litellm-'));
  const port = await freePort();
  const env = { ...process.env, AGENTS_LLM_HOME: folder };
  /** @param {string[]} args */
  const run = (...args) =>
    execFileSync(process.execPath, [COMMAND, '-p', PROJECT, ...args], {
      env,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  try {
    run('up', '--quiet', '--timeout', '15m', '--image', image, '--port', `${port}`);
    const masterKey = /^LITELLM_MASTER_KEY=(.*)$/m.exec(readFileSync(join(folder, PROJECT, '.env'), 'utf8'))?.[1] ?? '';
    return await work({ ask: askAt(`http://127.0.0.1:${port}`), masterKey });
  } finally {
    run('down', '--quiet', '--volumes', '--force', '--no-backup');
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} url
 * @returns {import('./contract.js').Ask}
 */
function askAt(url) {
  return async ({ method, path, body, bearer }) => {
    const sent = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await request(url + path, {
      method: /** @type {import('undici').Dispatcher.HttpMethod} */ (method),
      headers: {
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: sent ?? null,
      signal: AbortSignal.timeout(60_000),
    });
    return { status: answer.statusCode, body: jsonOrText(await answer.body.text()) };
  };
}

/** @param {string} text */
function jsonOrText(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, 400);
  }
}
