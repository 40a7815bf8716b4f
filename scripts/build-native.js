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
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { build } from 'esbuild';

const PROGRAMS = 'src/runtime/native/programs';
/** Compressed, because they were two thirds of what a user downloads. */
const WEB_ASSEMBLY = {
  'query_engine_bg.postgresql.wasm.br': 'node_modules/@prisma/client/runtime/query_engine_bg.postgresql.wasm',
  'prisma_schema_build_bg.wasm.br': 'node_modules/@prisma/prisma-schema-wasm/src/prisma_schema_build_bg.wasm',
};
const COPIES = {
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
 * @param {{ version: string, publish: boolean }} how
 */
export async function buildNative(root, target, { version, publish }) {
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
    plugins: [compressedSchemaCompiler(root)],
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
  const compressed = Object.entries(WEB_ASSEMBLY).map(async ([name, source]) => {
    files.set(name, await compress(readFileSync(join(root, source)), publish));
  });
  await Promise.all(compressed);
  replaceFolder(target, files);
  return { outputs: { ...modules.metafile.outputs, ...generator.metafile.outputs } };
}

/**
 * The best compression takes seconds, so only what is published gets it.
 * @param {Buffer} content
 * @param {boolean} publish
 */
function compress(content, publish) {
  const quality = publish ? constants.BROTLI_MAX_QUALITY : constants.BROTLI_MIN_QUALITY;
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  return promisify(brotliCompress)(content, { params });
}

/**
 * Lets the schema compiler load its WebAssembly compressed, which its own loader cannot.
 * @param {string} root
 * @returns {import('esbuild').Plugin}
 */
function compressedSchemaCompiler(root) {
  const loader =
    /const bytes = require\('fs'\)\.readFileSync\(path\);\s+const wasmModule = new WebAssembly\.Module\(bytes\);/;
  const ours = JSON.stringify(join(root, 'src/runtime/native/prisma/load-wasm.ts'));
  return {
    name: 'compressed-schema-compiler',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]prisma_schema_build\.js$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        if (!loader.test(source)) throw new Error(`${path} loads its WebAssembly in another way than before`);
        return { contents: source.replace(loader, `const wasmModule = require(${ours}).loadWasm(\`\${path}.br\`);`) };
      });
    },
  };
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
