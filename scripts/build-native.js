// Bundles the programs of the native runtime into `dist/native/`, each by itself, with the files that they need.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const PROGRAMS = 'src/runtime/native/programs';
const COPIES = {
  'query_engine_bg.postgresql.wasm': 'node_modules/@prisma/client/runtime/query_engine_bg.postgresql.wasm',
  'prisma_schema_build_bg.wasm': 'node_modules/@prisma/prisma-schema-wasm/src/prisma_schema_build_bg.wasm',
  'fast_start.py': 'templates/fast_start.py',
  'run_proxy.py': 'templates/native/run_proxy.py',
  'guarded_engine.py': 'templates/native/guarded_engine.py',
  'discard_damaged.py': 'templates/native/discard_damaged.py',
  'pip_settings.py': 'templates/native/pip_settings.py',
  'get_uv.py': 'templates/native/get_uv.py',
  'compile_packages.py': 'templates/native/compile_packages.py',
  'first-imports.txt': 'templates/native/first-imports.txt',
  'bin/query-engine': 'templates/native/bin/query-engine',
  'bin/prisma': 'templates/native/bin/prisma',
};

/**
 * @param {string} root
 * @param {string} target
 * @param {string} version
 */
export async function buildNative(root, target, version) {
  const options = /** @type {const} */ ({
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    define: { __AGENTS_LLM_VERSION__: JSON.stringify(version) },
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  const modules = await build({
    ...options,
    entryPoints: ['supervisor', 'query-engine', 'migrate'].map((name) => `${PROGRAMS}/${name}.ts`),
    outdir: target,
    format: 'esm',
    // Dependencies in CommonJS call `require` for Node's own modules.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    external: ['pg-native'],
  });
  // In CommonJS, since the schema compiler looks for its WebAssembly in `__dirname`.
  const generator = await build({
    ...options,
    entryPoints: [`${PROGRAMS}/generate-client.ts`],
    outfile: join(target, 'generate-client.cjs'),
    format: 'cjs',
  });
  const files = new Map(
    [...modules.outputFiles, ...generator.outputFiles].map(({ path, contents }) => [
      path.slice(target.length + 1),
      Buffer.from(contents),
    ]),
  );
  for (const [name, source] of Object.entries(COPIES)) files.set(name, readFileSync(join(root, source)));
  replaceFolder(target, files);
  return { outputs: { ...modules.metafile.outputs, ...generator.metafile.outputs } };
}

/**
 * Only when its content differs: what runs may be about to copy it.
 * @param {string} target
 * @param {Map<string, Buffer>} files
 */
function replaceFolder(target, files) {
  const hash = createHash('sha256');
  for (const [name, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(name).update(content);
  const text = `${hash.digest('hex').slice(0, 16)}\n`;
  const marker = join(target, 'hash');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === text) return;
  mkdirSync(dirname(target), { recursive: true });
  const temporary = mkdtempSync(`${target}.`);
  for (const [name, content] of [...files, /** @type {const} */ (['hash', Buffer.from(text)])]) {
    mkdirSync(dirname(join(temporary, name)), { recursive: true });
    writeFileSync(join(temporary, name), content);
    if (name.startsWith('bin/')) chmodSync(join(temporary, name), 0o755);
  }
  chmodSync(temporary, 0o755);
  rmSync(target, { recursive: true, force: true });
  renameSync(temporary, target);
}
