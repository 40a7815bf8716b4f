import { execFileSync, spawnSync } from 'node:child_process';

/**
 * @typedef {object} ImageFacts
 * @property {string} version
 * @property {string} schema the text of schema.prisma
 * @property {readonly string[]} prices the models of the price table
 * @property {readonly string[]} generalSettings the fields that LiteLLM knows of general_settings
 */

const PROGRAM = `
import json, importlib.metadata, importlib.util, pathlib
root = pathlib.Path(importlib.util.find_spec("litellm").submodule_search_locations[0])
from litellm.proxy._types import ConfigGeneralSettings
print(json.dumps({
    "version": importlib.metadata.version("litellm"),
    "schema": (root / "proxy" / "schema.prisma").read_text(),
    "prices": sorted(json.loads((root / "model_prices_and_context_window_backup.json").read_text())),
    "generalSettings": sorted(ConfigGeneralSettings.model_fields),
}))`;

/**
 * Whether the engine has the image, or can get it.
 * @param {string} image
 */
function hasImage(image) {
  if (spawnSync('docker', ['image', 'inspect', image], { stdio: 'ignore' }).status === 0) return true;
  return spawnSync('docker', ['pull', '--quiet', image], { stdio: 'ignore' }).status === 0;
}

/**
 * Throws unless the engine has the image, or can get it.
 * @param {string} image
 */
export function requireImage(image) {
  if (!hasImage(image)) throw new Error(`Image ${image} not found, neither here nor in its registry`);
}

/**
 * Read off the files and types of an image, without a network.
 * @param {string} image
 * @returns {ImageFacts}
 */
export function imageFacts(image) {
  const args = [
    'run',
    '--rm',
    '--network=none',
    '--entrypoint=python',
    '--env=LITELLM_LOCAL_MODEL_COST_MAP=True',
    image,
  ];
  const options = { encoding: /** @type {const} */ ('utf8'), maxBuffer: 64 * 1024 * 1024 };
  const output = execFileSync('docker', [...args, '-c', PROGRAM], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '');
}

/**
 * What came to a list and what went from it, in short.
 * @param {readonly string[]} before
 * @param {readonly string[]} after
 * @returns {string[]}
 */
export function listChanges(before, after) {
  const [added, gone] = [missingIn(before, after), missingIn(after, before)];
  return [
    ...(added.length > 0 ? [`${added.length} new: ${short(added)}`] : []),
    ...(gone.length > 0 ? [`${gone.length} gone: ${short(gone)}`] : []),
  ];
}

/**
 * @param {readonly string[]} list
 * @param {readonly string[]} others
 */
function missingIn(list, others) {
  const known = new Set(list);
  return others.filter((entry) => !known.has(entry));
}

const SHOWN = 8;

/** @param {readonly string[]} list */
const short = (list) => `${list.slice(0, SHOWN).join(', ')}${list.length > SHOWN ? ' …' : ''}`;
