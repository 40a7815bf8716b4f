// Packs the package, installs it as a user does, and runs it: what the tests in the checkout cannot see.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const published = [
  /^(README\.md|LICENSE|CHANGELOG\.md|THIRD-PARTY-LICENSES\.txt|package\.json|docker-compose\.yml)$/,
  /^bin\/agents-llm\.js$/,
  /^dist\/((main|index|register|chunk-\w+)\.js|[\w/-]+\.d\.ts)$/,
  // The programs of the native runtime, each whole in one file, and what they load.
  /^dist\/native\/(hash|[\w.-]+\.(js|cjs|wasm|py|txt)|bin\/(prisma|query-engine))$/,
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
  'dist/native/query_engine_bg.postgresql.wasm',
  'templates/native/litellm-1.108.11.txt',
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'agents-llm-package-'));
const home = join(folder, 'home');
const app = join(folder, 'app');

try {
  mkdirSync(home);
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{ "private": true }\n');

  run('npm', ['pack', '--pack-destination', folder, '--loglevel=error'], root);
  const tarball =
    readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? assert.fail('npm pack created no tarball');
  run('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', join(folder, tarball)], app);

  const installed = readdirSync(join(app, 'node_modules')).filter((file) => !file.startsWith('.'));
  assert.deepEqual(installed, [name], 'the package has dependencies');
  checkFiles(join(app, 'node_modules', name));

  assert.equal(runPackage('--version').trim(), version);
  assert.match(runPackage('--help'), /\bup\b/);
  assert.notEqual(runPackage('up', '--dry-run'), '');
  assert.match(runPackage('completion', 'bash'), /complete -F/);
  checkTypes();
  process.stdout.write(`${tarball} installs, runs and has its types\n`);
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

/** The library is there, and a strict consumer with nothing else installed can use its types. */
function checkTypes() {
  const use = `import { autoProvision, CliError, provisionVirtualKey } from '${name}';
const made: Promise<{ key: string }> = provisionVirtualKey({ models: ['gpt-5'] });
// @ts-expect-error models are a list
void provisionVirtualKey({ models: 'gpt-5' });
void [made, autoProvision, CliError];
`;
  writeFileSync(join(app, 'use.mts'), use);
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--lib',
    'es2023,dom',
    '--types',
    '',
  ];
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options, 'use.mts'], app);
  const names = `import('${name}').then((it) => console.log(Object.keys(it).join()))`;
  assert.match(run(process.execPath, ['-e', names], app), /autoProvision.*provisionVirtualKey/);
}

/** @param {string[]} args */
function runPackage(...args) {
  return run(join(app, 'node_modules/.bin', name), args, app);
}

/**
 * As on a machine that has never seen the project: no home, no npm settings, no cache.
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 */
function run(command, args, cwd) {
  process.stdout.write(`$ ${[command, ...args].join(' ')}\n`);
  const env = { PATH: process.env.PATH, HOME: home, CI: 'true' };
  return execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
