// Bundles the ways in, with what a command often needs in few files: each file costs a start more time than its bytes.
import { basename, join } from 'node:path';
import { rolldown } from 'rolldown';

/** Quick commands. What each request of theirs needs is in one file, and what else two of them share in another. */
const QUICK_COMMANDS = ['commands/use/env', 'commands/use/run', 'commands/provision-key', 'commands/alias'];
/** What each request to a stack loads later. */
const EACH_REQUEST = [
  'io/network/http',
  'io/network/listener',
  'io/network/served-by',
  'runtime/native/native-responder',
  'runtime/docker/container-responder',
];

/** What all modules of a row import is in one file. */
const TOGETHER = [
  ['commands/alias', 'commands/provider'],
  ['commands/use/launch', 'commands/use/connect'],
  ['commands/up', 'commands/restart'],
  ['runtime/docker/compose/compose-stack'],
  ['commands/alias', 'commands/up'],
  ['commands/up'],
];

/** The width of text, which few need: in one file. */
const COLUMNS = /[\\/](?:fast-string-(?:truncated-)?width|align-columns)\b/;

/**
 * What stands in for a package of which little is needed.
 * @type {Readonly<Record<string, string>>}
 */
const STAND_INS = {
  undici: `
    Object.assign(require('undici/lib/dispatcher/dispatcher.js').prototype, require('undici/lib/api/index.js'));
    module.exports = {
      Agent: require('undici/lib/dispatcher/agent.js'),
      EnvHttpProxyAgent: require('undici/lib/dispatcher/env-http-proxy-agent.js'),
      Pool: require('undici/lib/dispatcher/pool.js'),
    };`,
};

/**
 * @param {string} root
 * @returns {import('rolldown').Plugin}
 */
function standIns(root) {
  const mark = '?stand-in';
  return {
    name: 'stand-ins',
    resolveId: (id, importer) =>
      id in STAND_INS && importer?.startsWith(join(root, 'src'))
        ? join(root, 'node_modules', id, `${id}.cjs${mark}`)
        : undefined,
    load: (id) => (id.endsWith(mark) ? STAND_INS[basename(id).replace(/\.cjs\?.*/, '')] : undefined),
  };
}

/**
 * Every module that an entry imports, by itself or by others, is in a set of that entry. So the files that are made of
 * these sets import each other in one direction only.
 * @param {string} root
 */
function fileNames(root) {
  /** @type {Map<string, Set<string>>} */
  const closures = new Map();
  /** @typedef {{ getModuleInfo: (id: string) => { importedIds: string[] } | null }} Graph */
  /**
   * @param {string} name
   * @param {Graph} graph
   */
  const closureOf = (name, graph) => {
    const known = closures.get(name);
    if (known) return known;
    /** @type {Set<string>} */
    const closure = new Set();
    /** @param {string} id */
    const visit = (id) => {
      if (closure.has(id)) return;
      closure.add(id);
      graph.getModuleInfo(id)?.importedIds.forEach(visit);
    };
    visit(join(root, 'src', `${name}.ts`));
    closures.set(name, closure);
    return closure;
  };
  /**
   * @param {string} id
   * @param {Graph} graph
   */
  return (id, graph) => {
    /** @param {readonly string[]} names */
    const isIn = (...names) => names.some((name) => closureOf(name, graph).has(id));
    if (isIn('main')) return isIn('index') ? 'base' : 'start';
    if (COLUMNS.test(id)) return 'columns';
    const quick = QUICK_COMMANDS.filter((name) => isIn(name, ...EACH_REQUEST));
    if (isIn('commands/status', ...EACH_REQUEST)) {
      if (quick.length > 0) return 'request';
      return /[\\/](?:node_modules|src[\\/]text)[\\/]/.test(id) ? null : 'stack';
    }
    if (quick.length > 1) return 'key';
    return TOGETHER.find((names) => names.every((name) => isIn(name)))?.join() ?? null;
  };
}

/**
 * @param {string} root
 * @param {{ entryPoints: readonly string[], version: string }} options
 */
export async function bundle(root, { entryPoints, version }) {
  const bundler = await rolldown({
    cwd: root,
    input: Object.fromEntries(entryPoints.map((file) => [file.replace(/^src\/(.*)\.ts$/, '$1'), file])),
    platform: 'node',
    // Its other form requires its own parts by a name that no bundler can follow.
    resolve: { alias: { 'jsonc-parser': join(root, 'node_modules/jsonc-parser/lib/esm/main.js') } },
    transform: { target: 'node20.19', define: { __AGENTS_LLM_VERSION__: JSON.stringify(version) } },
    preserveEntrySignatures: 'allow-extension',
    plugins: [standIns(root)],
    logLevel: 'warn',
  });
  const { output } = await bundler.generate({
    format: 'esm',
    chunkFileNames: 'chunk-[hash].js',
    hashCharacters: 'base36',
    comments: false,
    minify: { compress: true, mangle: false, codegen: true },
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{ name: fileNames(root), debugName: 'hot path' }],
    },
  });
  await bundler.close();
  const chunks = output.filter((file) => file.type === 'chunk');
  const files = new Map(chunks.map(({ fileName, code }) => [fileName, code]));
  return { files: withoutDetours(files), outputs: outputsOf(root, chunks) };
}

/** A file that only hands on what is in another: `export{n as registerStatus}from"./chunk-x.js";`. */
const DETOUR = /^export\{([^{}]*)\}from"(\.\/chunk-\w+\.js)";\s*$/;

/**
 * An `import()` of a module that is in one file with others leads to a file that only hands it on. It is led to the module's
 * own file instead, which spares a command one file for each.
 * @param {Map<string, string>} files
 */
function withoutDetours(files) {
  /** @type {Map<string, string>} */
  const direct = new Map();
  for (const [name, code] of files) {
    const [, names, target] = (name.startsWith('chunk-') && DETOUR.exec(code)) || [];
    if (names === undefined) continue;
    const pairs = names.split(',').map((pair) => pair.trim().split(' as '));
    const given = pairs.map(([inner, outer = inner]) => `${outer}:m.${inner}`);
    direct.set(name, `import(\`${target}\`).then(m=>({${given}}))`);
  }
  const straight = [...files].map(([name, code]) => {
    const led = code.replace(/import\(`\.\/(chunk-\w+\.js)`\)/g, (call, detour) => direct.get(detour) ?? call);
    return /** @type {const} */ ([name, led]);
  });
  const isNeeded = (/** @type {string} */ name) => straight.some(([, code]) => code.includes(`./${name}`));
  return new Map(straight.filter(([name]) => !direct.has(name) || isNeeded(name)));
}

/**
 * As esbuild says it, whose programs are bundled beside these.
 * @param {string} root
 * @param {readonly import('rolldown').OutputChunk[]} chunks
 */
function outputsOf(root, chunks) {
  return Object.fromEntries(
    chunks.map(({ fileName, modules }) => {
      const inputs = Object.entries(modules).map(([id, { renderedLength }]) => {
        return /** @type {const} */ ([id.replace(`${root}/`, ''), { bytesInOutput: renderedLength }]);
      });
      return [fileName, { inputs: Object.fromEntries(inputs) }];
    }),
  );
}
