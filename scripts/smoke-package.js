// Packs the package, installs it as a user does, and runs it: what the tests in the checkout cannot see.
//   node scripts/smoke-package.js [--node 20,22,24] [--up]
// --node also runs it with other releases of Node, from npm; --up starts a stack with each, which needs Docker.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freePort } from './free-port.js';

const published = [
  /^(README\.md|LICENSE|CHANGELOG\.md|THIRD-PARTY-LICENSES\.txt|package\.json|docker-compose\.yml)$/,
  /^bin\/agents-llm\.js$/,
  /^dist\/((main|index|register|chunk-\w+)\.js|[\w/-]+\.d\.ts)$/,
  // The programs of the native runtime, each whole in one file, and what they load.
  /^dist\/native\/(hash|[\w.-]+\.(js|cjs|wasm\.br|py|txt)|bin\/(prisma|query-engine))$/,
  /^templates\//,
  // What the README links to.
  /^((ARCHITECTURE|CONTRIBUTING|SECURITY)\.md|docs\/[\w./-]+|bench\/\w+\.md)$/,
];
const required = [
  'dist/types/index.d.ts',
  'README.md',
  'LICENSE',
  'THIRD-PARTY-LICENSES.txt',
  'docker-compose.yml',
  'dist/main.js',
  'dist/native/supervisor.js',
  'dist/native/query-engine.js',
  'dist/native/query_engine_bg.postgresql.wasm.br',
  'dist/native/prisma_schema_build_bg.wasm.br',
  'templates/native/litellm-1.108.11.txt',
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'agents-llm-package-'));
const home = join(folder, 'home');
const app = join(folder, 'app');
const LARGEST = 2_600_000;

const { values } = parseArgs({ options: { node: { type: 'string' }, up: { type: 'boolean', default: false } } });

try {
  mkdirSync(home);
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{ "private": true }\n');

  run('npm', ['pack', '--pack-destination', folder, '--loglevel=error'], root);
  const tarball =
    readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? assert.fail('npm pack created no tarball');
  const { size } = statSync(join(folder, tarball));
  assert.ok(size < LARGEST, `the package has ${size} bytes, more than ${LARGEST}`);
  run('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', join(folder, tarball)], app);

  const installed = readdirSync(join(app, 'node_modules')).filter((file) => !file.startsWith('.'));
  assert.deepEqual(installed, [name], 'the package has dependencies');
  checkFiles(join(app, 'node_modules', name));

  await checkWith(dirname(process.execPath));
  for (const release of values.node?.split(',') ?? []) await checkWith(installNode(release));
  checkTypes();
  process.stdout.write(`${tarball} (${Math.round(size / 1000)} kB) installs, runs and has its types\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string} packageFolder */
function checkFiles(packageFolder) {
  const entries = readdirSync(packageFolder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const files = entries.map((entry) => join(entry.parentPath, entry.name).slice(packageFolder.length + 1));
  assert.deepEqual(
    files.filter((file) => !published.some((pattern) => pattern.test(file))),
    [],
    'files that do not belong in the package',
  );
  assert.deepEqual(
    required.filter((file) => !files.includes(file)),
    [],
    'files missing from the package',
  );
  const telling = files.filter((file) => readFileSync(join(packageFolder, file), 'utf8').includes(root));
  assert.deepEqual(telling, [], 'files that name the folder they were built in');
}

/**
 * The folder of a Node of that release, from the package that has its build for this machine.
 * @param {string} release
 */
function installNode(release) {
  const packageName = `node-${process.platform}-${process.arch}`;
  const target = join(folder, `node-${release}`);
  mkdirSync(target);
  // With the npm settings of this machine, which may lead to its registry.
  const install = ['install', '--no-audit', '--no-fund', '--prefix', target, `${packageName}@${release}`];
  execFileSync('npm', install, { cwd: target, stdio: ['ignore', 'ignore', 'inherit'] });
  return join(target, 'node_modules', packageName, 'bin');
}

/** @param {string} nodeFolder */
async function checkWith(nodeFolder) {
  const path = `${nodeFolder}:${process.env.PATH}`;
  /** @param {string[]} args */
  const command = (...args) => run(join(app, 'node_modules/.bin', name), args, app, path);
  process.stdout.write(`With Node ${run('node', ['--version'], app, path)}`);
  assert.equal(command('--version').trim(), version);
  assert.match(command('--help'), /\bup\b/);
  assert.notEqual(command('up', '--dry-run'), '');
  assert.match(command('completion', 'bash'), /complete -F/);
  if (!values.up) return;
  const stack = ['-p', 'package-smoke'];
  try {
    command(...stack, 'up', '--port', `${await freePort()}`);
    const { data } = JSON.parse(command(...stack, 'status', '--json'));
    assert.equal(data.state, 'ready');
  } finally {
    command(...stack, 'down', '--volumes', '--force', '--no-backup');
  }
}

/** The library is there, and a strict consumer with nothing else installed can use its types. */
function checkTypes() {
  const use = `import { autoProvision, CliError, provisionVirtualKey } from '${name}';
const made: Promise<{ key: string }> = provisionVirtualKey({ models: ['gpt-5'] });
// @ts-expect-error models are a list
void provisionVirtualKey({ models: 'gpt-5' });
void [made, autoProvision, CliError];
`;
  writeFileSync(join(app, 'use.mts'), use);
  const options = ['--noEmit', '--strict', '--target', 'es2023', '--lib', 'es2023,dom', '--types', ''];
  const resolutions = [
    ['--module', 'nodenext'],
    ['--module', 'node16', '--moduleResolution', 'node16'],
    ['--module', 'esnext', '--moduleResolution', 'bundler'],
  ];
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  for (const resolution of resolutions) run(process.execPath, [compiler, ...options, ...resolution, 'use.mts'], app);
  const names = `import('${name}').then((it) => console.log(Object.keys(it).join()))`;
  assert.match(run(process.execPath, ['-e', names], app), /autoProvision.*provisionVirtualKey/);
}

/**
 * As on a machine that has never seen the project: no home, no npm settings, no cache.
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @param {string | undefined} [path]
 */
function run(command, args, cwd, path = process.env.PATH) {
  process.stdout.write(`$ ${[command, ...args].join(' ')}\n`);
  const env = { PATH: path, HOME: home, CI: 'true' };
  return execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
