import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BootstrapFailure } from './failure.js';
import { withLock } from './lock.js';
import { npmEnvironment } from './npm-environment.js';
import { packagesAreComplete } from './packages.js';
import { runStep } from './run-step.js';
import { isBuilt } from './sources.js';

const shownLines = 20;

/** @typedef {(line: string) => void} Log */

/**
 * Installs the packages and, with `build`, makes `dist/`; one process of a checkout at a time.
 * @param {string} root
 * @param {{ build: boolean, log: Log }} options
 * @returns {Promise<boolean>} false when it failed: the reason is then printed and the exit code set
 */
export async function prepare(root, { build, log }) {
  const isReady = () => (build ? isBuilt(root) : packagesAreComplete(root));
  try {
    if (!isReady()) {
      await withLock(join(root, '.agents-llm-bootstrap.lock'), { onWait: (owner) => log(waiting(owner)) }, async () => {
        if (isReady()) return;
        await install(root, log);
        if (build) await runBuild(root, log);
      });
    }
    return true;
  } catch (error) {
    report(asFailure(error, root), log);
    return false;
  }
}

/**
 * @param {string} root
 * @param {Log} log
 */
async function install(root, log) {
  if (packagesAreComplete(root)) return;
  const found = existsSync(join(root, 'node_modules'));
  log(
    `Installing packages (${found ? 'node_modules does not match package-lock.json' : 'first run, about a minute'})…`,
  );
  // Nothing here needs an install script, so none is run. The build needs devDependencies even under NODE_ENV=production.
  const flags = ['--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
  await runStep('npm', ['ci', ...flags], {
    cwd: root,
    env: npmEnvironment(process.env),
    shell: process.platform === 'win32',
    hint: 'Read npm’s message above. If npm cannot reach the registry, check the network and npm’s registry and proxy settings',
  });
}

/**
 * @param {string} root
 * @param {Log} log
 */
async function runBuild(root, log) {
  log('Building…');
  const hint = 'Fix the source file that does not compile, or return to a clean checkout';
  await runStep(process.execPath, [join(root, 'scripts/build.js')], { cwd: root, env: process.env, hint });
}

/**
 * @param {unknown} error
 * @param {string} root
 */
function asFailure(error, root) {
  if (error instanceof BootstrapFailure) return error;
  const { code, syscall, message } = /** @type {NodeJS.ErrnoException} */ (error);
  if (syscall?.startsWith('spawn')) {
    return new BootstrapFailure(`Cannot start npm (${code})`, {
      hint: 'Add the folder that holds npm to PATH (npm comes with Node.js)',
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new BootstrapFailure(`Cannot install and build in ${root}: ${message}`, {
      hint: 'Use a checkout that you can write to, or have its owner run in it: npm ci && npm run build',
    });
  }
  throw error;
}

/**
 * @param {BootstrapFailure} failure
 * @param {Log} log
 */
function report({ message, output, hint, exitCode }, log) {
  log(message);
  const lines = (output ?? '').split('\n').filter((line) => line.trim() !== '');
  for (const line of lines.slice(0, shownLines)) log(`  ${line}`);
  if (lines.length > shownLines) log(`  … and ${lines.length - shownLines} more lines`);
  if (hint) log(`hint: ${hint}`);
  process.exitCode = exitCode;
}

/** @param {import('./lock.js').Owner | undefined} owner */
function waiting(owner) {
  return `Waiting for another run to finish installing or building${owner ? ` (process ${owner.pid} on ${owner.host})` : ''}…`;
}
