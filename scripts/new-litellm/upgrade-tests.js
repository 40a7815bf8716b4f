import { execFileSync, spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { requireImage } from './image-facts.js';

const TESTS = [
  { runtime: 'Docker', file: 'test/e2e/upgrade.test.ts' },
  { runtime: 'native', file: 'test/e2e/native-upgrade.test.ts' },
];

/**
 * Upgrades a stack of an older release with each runtime, by the end-to-end tests.
 * @param {string} root
 * @param {string} from the image of that release
 */
export function upgradeFrom(root, from) {
  requireImage(from);
  const env = { ...process.env, AGENTS_LLM_E2E: 'required', AGENTS_LLM_TEST_OLDER_LITELLM: from };
  const options = /** @type {const} */ ({ cwd: root, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  execFileSync('npm', ['run', '--silent', 'build'], options);
  return TESTS.map(({ runtime, file }) => {
    const { status, stdout, stderr } = spawnSync('npx', ['vitest', 'run', '--project', 'e2e', file], options);
    if (status !== 0)
      throw new Error(`${runtime}: ${file} failed${failureIn(stdout)}\n${stdout.trim()}\n${stderr.trim()}`);
    return `${runtime}: ${countIn(stdout)}, so its data and keys were kept`;
  });
}

/**
 * What Vitest counted, such as `5 passed | 1 skipped`.
 * @param {string} output
 */
export function countIn(output) {
  return /^ *Tests +(.+?)(?: \(\d+\))?$/m.exec(stripVTControlCharacters(output))?.[1] ?? 'no test ran';
}

/**
 * The name of the first test that failed.
 * @param {string} output
 */
export function failureIn(output) {
  const found = /^ *FAIL +(.+)$/m.exec(stripVTControlCharacters(output))?.[1];
  return found ? ` at "${found.trim()}"` : '';
}
