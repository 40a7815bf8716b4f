// `npm test`: installs and builds where that is needed, then runs vitest on unit, cli and the end-to-end story.
// `npm run test:all`: everything. Arguments go to vitest, and name what to run instead:
//   npm test -- --project unit
//   npm test -- test/unit/text/sizes.test.ts
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ensureBuilt, ensureInstalled } from './bootstrap/ensure.js';

const QUICK = ['unit', 'cli', 'story'];

if ((await ensureInstalled()) && (await ensureBuilt())) runVitest(process.argv.slice(2));

/** @param {readonly string[]} args */
function runVitest(args) {
  const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
  const child = spawn(process.execPath, [vitest, 'run', ...vitestArguments(args)], { stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 128 + constants.signals[signal] : (code ?? 1);
  });
}

/** @param {readonly string[]} args */
function vitestArguments(args) {
  if (args.includes('--all')) return args.filter((arg) => arg !== '--all');
  const chosen = args.some((arg) => arg.startsWith('--project') || arg.startsWith('test/'));
  return chosen ? args : [...QUICK.flatMap((name) => ['--project', name]), ...args];
}
