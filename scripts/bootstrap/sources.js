import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

// The lockfile belongs here too: what is bundled changes with it.
const files = ['package.json', 'package-lock.json', 'scripts/build.js', 'scripts/build-native.js', 'scripts/bundle.js'];

/**
 * When the newest thing that a build reads was changed. Folders count, so that a deleted or moved file is noticed.
 * @param {string} root
 */
export function newestSource(root) {
  const folders = ['src', 'templates'].map((name) => join(root, name)).filter((folder) => existsSync(folder));
  return Math.max(...folders.map(newestIn), ...files.map((name) => modifiedAt(join(root, name))));
}

/**
 * Every command in a checkout waits for this: `recursive: true` would ask for each entry once more and take four times as long.
 * @param {string} folder
 * @returns {number}
 */
function newestIn(folder) {
  const times = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? newestIn(path) : modifiedAt(path);
  });
  return Math.max(modifiedAt(folder), ...times);
}

/**
 * A build gives `dist/main.js` the time of the newest source that it was made from, and writes it last.
 * @param {string} root
 */
export function isBuilt(root) {
  const built = modifiedAt(join(root, 'dist/main.js'));
  return built > 0 && built >= newestSource(root);
}

/** @param {string} path */
function modifiedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
