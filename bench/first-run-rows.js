// What a newcomer waits for without Docker: from a fresh clone, with empty caches, until ready and until the first answer.
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asUser, LOCK, ownedByUser, PYTHON } from './install-rows.js';
import { time } from './measure.js';

const READY_S = 45;
const ANSWER_S = 60;

/**
 * @param {{ root: string, port: string }} options
 * @returns {Promise<import('./measure.js').Row[]>}
 */
export async function firstRunRows({ root, port }) {
  const folder = mkdtempSync(join(tmpdir(), 'agents-llm-bench-clone-'));
  const [clone, home, locks] = /** @type {const} */ (['clone', 'home', 'locks']).map((name) => join(folder, name));
  if (!clone || !home || !locks) throw new Error('no folder');
  execFileSync('git', ['clone', '--quiet', root, clone]);
  // By another lock file than the package's own nothing that this machine may have installed is taken for it.
  cpSync(join(root, 'templates', 'native'), locks, { recursive: true });
  appendFileSync(join(locks, LOCK), '# Another one.\n');
  ownedByUser(folder);
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    AGENTS_LLM_NATIVE_LOCKS: locks,
    AGENTS_LLM_PYTHON: PYTHON,
    AGENTS_LLM_PROJECT_NAME: 'agents-llm-bench-clone',
  };
  /** @type {(line: string) => import('./measure.js').CommandLine} */
  const inClone = (line) => asUser('sh', '-c', `cd '${clone}' && npx agents-llm ${line}`);
  try {
    const ready = time(inClone(`up --runtime native --port ${Number(port) + 4}`), env);
    const mock = time(inClone("setup --mock 'Hello'"), env);
    const answer = ready + mock + time(inClone("chat 'Say hello'"), env);
    return [
      waited('fresh clone to ready, native, empty caches', ready, READY_S),
      waited('fresh clone to the first answer, native, of a mock', answer, ANSWER_S),
    ];
  } finally {
    try {
      time(inClone('down --volumes --force --no-backup'), env);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/**
 * @param {string} what
 * @param {number} ms
 * @param {number} limit
 * @returns {import('./measure.js').Row}
 */
function waited(what, ms, limit) {
  const shown = `${(ms / 1000).toFixed(0)} s`;
  console.log(`${what}: ${shown} (at most ${limit} s)`);
  return [what, '-', ms.toFixed(0), '', shown, `${limit} s`, ms <= limit * 1000 ? 'yes' : 'NO', 1];
}
