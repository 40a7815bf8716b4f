import { fileURLToPath } from 'node:url';
import { isBuilt } from './sources.js';

/** @typedef {{ root?: string, log?: (line: string) => void }} BootstrapOptions */

const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** @param {string} line */
const toStderr = (line) => process.stderr.write(`agents-llm: ${line}\n`);

/**
 * Builds `dist/` from the sources, installing packages first if any are missing. Progress goes to stderr.
 * @param {BootstrapOptions} [options]
 * @returns {Promise<boolean>} false when it failed: the reason is then printed and the exit code set
 */
export async function ensureBuilt({ root = checkout, log = toStderr } = {}) {
  if (isBuilt(root)) return true;
  const { prepare } = await import('./prepare.js');
  return prepare(root, { build: true, log });
}

/**
 * Makes `node_modules/` match `package-lock.json`.
 * @param {BootstrapOptions} [options]
 * @returns {Promise<boolean>} as `ensureBuilt`
 */
export async function ensureInstalled({ root = checkout, log = toStderr } = {}) {
  const { prepare } = await import('./prepare.js');
  return prepare(root, { build: false, log });
}
