import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

// The lockfile belongs here too: what is bundled changes with it.
const files = ['package.json', 'package-lock.json', 'scripts/build.js', 'scripts/build-native.js', 'scripts/bundle.js'];

/**
 * When the newest thing that a build reads was changed. Folders count, so that a deleted or moved file is noticed.
 * @param {string} root
 */
export function newestSource(root) {
  const folders = ['src', 'templates'].filter((folder) => existsSync(join(root, folder)));
  const sources = folders.flatMap((folder) => [
    folder,
    ...readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, String(name))),
  ]);
  return Math.max(...[...sources, ...files].map((name) => modifiedAt(join(root, name))));
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
