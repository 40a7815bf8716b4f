// Bundles `src/` into `dist/`. With --publish nothing of an earlier build stays, and the library's types are made too.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { newestSource } from './bootstrap/sources.js';
import { buildNative } from './build-native.js';
import { bundle } from './bundle.js';
import { libraryDeclarations } from './declarations.js';
import { bundledPackages, renderLicenses } from './licenses.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

// main.js comes last: where it is, the build is whole.
const entryPoints = ['src/index.ts', 'src/register.ts', 'src/main.ts'].filter((file) => existsSync(join(root, file)));
const entryNames = entryPoints.map((file) => file.replace(/^src\/(.*)\.ts$/, '$1.js'));

const publish = process.argv.includes('--publish');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
// Taken before the sources are read: what changes during the build is newer, and so leads to another build.
const builtFrom = new Date(Math.ceil(newestSource(root)));

const { files: built, outputs } = await bundle(root, { entryPoints, version }).catch(endWithItsLines);
const hasNative = existsSync(join(root, 'src/runtime/native/programs'));
const native = hasNative ? await buildNative(root, join(dist, 'native'), { version, publish }) : { outputs: {} };

const packages = bundledPackages(root, { outputs: { ...outputs, ...native.outputs } });
const chunks = [...built.keys()].filter((name) => !entryNames.includes(name));
// A process that runs from the build in place may still load its chunks, so they outlive it by one build.
const kept = new Set([...built.keys(), 'native', ...(publish ? ['types'] : filesInUse())]);

mkdirSync(dist, { recursive: true });
writeFileSync(join(root, 'THIRD-PARTY-LICENSES.txt'), renderLicenses(packages));
for (const name of [...chunks, ...entryNames]) replace(name, built.get(name) ?? '');
if (publish) writeDeclarations();
for (const name of readdirSync(dist)) if (!kept.has(name)) rmSync(join(dist, name), { recursive: true, force: true });

const kilobytes = Math.round([...built.values()].reduce((sum, contents) => sum + contents.length, 0) / 1000);
process.stdout.write(`dist: ${built.size} files, ${kilobytes} kB, with ${packages.length} packages bundled\n`);

/**
 * Without the stack of the bundler, which would hide them.
 * @param {Error & { errors?: readonly Error[] }} error
 * @returns {never}
 */
function endWithItsLines(error) {
  writeSync(2, `${stripVTControlCharacters((error.errors ?? [error]).map(({ message }) => message).join('\n'))}\n`);
  // biome-ignore lint/nursery/noJsRestrictedProperties: all is written
  process.exit(1);
}

function writeDeclarations() {
  rmSync(join(dist, 'types'), { recursive: true, force: true });
  for (const [name, text] of libraryDeclarations(root)) {
    mkdirSync(dirname(join(dist, 'types', name)), { recursive: true });
    writeFileSync(join(dist, 'types', name), text);
  }
}

/** The files that the entry points of the build in place lead to. */
function filesInUse() {
  /** @type {Set<string>} */
  const seen = new Set();
  /** @param {string} name */
  const visit = (name) => {
    if (seen.has(name) || !existsSync(join(dist, name))) return;
    seen.add(name);
    for (const [, imported] of readFileSync(join(dist, name), 'utf8').matchAll(/["'`]\.\/(chunk-\w+\.js)["'`]/g)) {
      visit(imported ?? '');
    }
  };
  entryNames.forEach(visit);
  return seen;
}

/**
 * @param {string} name
 * @param {Uint8Array | string} contents
 */
function replace(name, contents) {
  const temporary = join(root, `.agents-llm-build.${process.pid}`);
  writeFileSync(temporary, contents);
  utimesSync(temporary, builtFrom, builtFrom);
  renameSync(temporary, join(dist, name));
}
