// `npm test`: installs and builds where that is needed, then runs vitest on unit, cli and the end-to-end story.
// `npm run test:all`: everything. Arguments go to vitest, and name what to run instead:
//   npm test -- --project unit
//   npm test -- test/unit/text/sizes.test.ts
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt, ensureInstalled } from './bootstrap/ensure.js';

const QUICK = ['unit*', 'cli', 'story'];

if ((await ensureInstalled()) && (await ensureBuilt())) runVitest(process.argv.slice(2));

/** @param {readonly string[]} args */
function runVitest(args) {
  const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
  const folder = makeFolder();
  const env = { ...process.env, AGENTS_LLM_TEST_RUN: folder, TMPDIR: folder };
  const child = spawn(process.execPath, [vitest, 'run', ...vitestArguments(args)], { stdio: 'inherit', env });
  let isInterrupted = false;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => {
      isInterrupted = true;
      child.kill(signal);
    });
  child.on('exit', (code, signal) => {
    if (isInterrupted) removeStacks(folder);
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = signal ? 128 + constants.signals[signal] : (code ?? 1);
  });
}

/** @param {readonly string[]} args */
function vitestArguments(args) {
  if (args.includes('--all')) return args.filter((arg) => arg !== '--all');
  const chosen = args.some((arg) => arg.startsWith('--project') || arg.startsWith('test/'));
  return chosen ? args : [...QUICK.flatMap((name) => ['--project', name]), ...args];
}

/** The temporary folder of this run, in which the tests note the stacks that they make. See test/e2e/support/this-run.ts. */
function makeFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'allm-'));
  // Some tests run as another user.
  chmodSync(folder, 0o711);
  return folder;
}

/**
 * After Ctrl-C the tests remove nothing themselves.
 * @param {string} run
 */
function removeStacks(run) {
  const notes = join(run, 'stacks');
  const bin = fileURLToPath(new URL('../bin/agents-llm.js', import.meta.url));
  const lines = existsSync(notes) ? new Set(readFileSync(notes, 'utf8').split('\n')) : [];
  for (const line of lines) {
    const [project = '', folder = ''] = line.split('\t');
    if (!existsSync(folder)) continue;
    process.stderr.write(`Removing the test stack ${project}\n`);
    const down = ['-p', project, 'down', '--volumes', '--force', '--no-backup', '--quiet'];
    const env = { ...process.env, AGENTS_LLM_HOME: dirname(folder) };
    spawnSync(process.execPath, [bin, ...down], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  }
}
