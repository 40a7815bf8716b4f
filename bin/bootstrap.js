import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBuilt } from '../scripts/bootstrap/sources.js';

/** @typedef {{ root?: string, log?: (line: string) => void }} BootstrapOptions */

const checkout = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {string} line */
const toStderr = (line) => process.stderr.write(`agents-llm: ${line}\n`);

/**
 * Makes `dist/` match the sources, installing packages first where they are missing. Says what it does on stderr.
 * @param {BootstrapOptions} [options]
 * @returns {Promise<boolean>} false when it failed: the reason is then printed and the exit code set
 */
export async function ensureBuilt({ root = checkout, log = toStderr } = {}) {
  if (isBuilt(root)) return true;
  const { prepare } = await import('../scripts/bootstrap/prepare.js');
  return prepare(root, { build: true, log });
}

/**
 * Makes `node_modules/` match `package-lock.json`.
 * @param {BootstrapOptions} [options]
 * @returns {Promise<boolean>} as `ensureBuilt`
 */
export async function ensureInstalled({ root = checkout, log = toStderr } = {}) {
  const { prepare } = await import('../scripts/bootstrap/prepare.js');
  return prepare(root, { build: false, log });
}
