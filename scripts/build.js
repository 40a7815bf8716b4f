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
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { newestSource } from './bootstrap/sources.js';
import { buildNative } from './build-native.js';
import { libraryDeclarations } from './declarations.js';
import { bundledPackages, renderLicenses } from './licenses.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

// main.js comes last: where it is, the build is whole.
const entryPoints = ['src/index.ts', 'src/register.ts', 'src/main.ts'].filter((file) => existsSync(join(root, file)));
const entryNames = entryPoints.map((file) => file.replace(/^src\/(.*)\.ts$/, '$1.js'));

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
// Taken before the sources are read: what changes during the build is newer, and so leads to another build.
const builtFrom = new Date(Math.ceil(newestSource(root)));

const sharedOptions = /** @type {const} */ ({
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  // Its other form requires its own parts by a name that no bundler can follow.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  define: { __AGENTS_LLM_VERSION__: JSON.stringify(version) },
  metafile: true,
  write: false,
  logLevel: 'warning',
});
// Dependencies in CommonJS call `require` for Node's own modules.
const banner = {
  js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
};

/**
 * The tables of string-width are compiled at the first text that needs them, not in each command: `require` of a module
 * is carried out where it stands.
 * @type {import('esbuild').Plugin}
 */
const lateWidths = {
  name: 'late-widths',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^string-width$/ }, ({ kind, importer, resolveDir }) =>
      kind === 'import-statement' && importer.startsWith(join(root, 'src'))
        ? { path: 'string-width', namespace: 'late', pluginData: resolveDir }
        : undefined,
    );
    onLoad({ filter: /^string-width$/, namespace: 'late' }, ({ pluginData }) => ({
      contents: "let width; export default (text) => (width ??= require('string-width').default)(text);",
      resolveDir: pluginData,
    }));
  },
};

const { outputFiles, metafile } = await build({
  ...sharedOptions,
  plugins: [lateWidths],
  entryPoints,
  outdir: dist,
  splitting: true,
  chunkNames: 'chunk-[hash]',
  format: 'esm',
  banner,
});
const hasNative = existsSync(join(root, 'src/runtime/native/programs'));
const native = hasNative
  ? await buildNative(root, join(dist, 'native'), { ...sharedOptions, banner })
  : { outputs: {} };

const packages = bundledPackages(root, { inputs: {}, outputs: { ...metafile.outputs, ...native.outputs } });
const built = new Map(outputFiles.map(({ path, text }) => [path.slice(dist.length + 1), withoutIdleBanner(text)]));
const chunks = [...built.keys()].filter((name) => !entryNames.includes(name));
const publish = process.argv.includes('--publish');
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
 * Most chunks call no `require`, and making one takes time in each.
 * @param {string} text
 */
function withoutIdleBanner(text) {
  const code = text.replace(banner.js, '');
  return /\brequire\b/.test(code) ? text : code.replace(/^\n/, '');
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
    for (const [, imported] of readFileSync(join(dist, name), 'utf8').matchAll(/["']\.\/(chunk-\w+\.js)["']/g)) {
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
