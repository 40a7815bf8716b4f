import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

it('skips the end-to-end tests with a reason when no runtime is available', async () => {
  const root = mkdtempSync(join(tmpdir(), 'test-suite-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const [bin, temporary] = [join(root, 'bin'), join(root, 'tmp')];
  for (const folder of [bin, temporary]) mkdirSync(folder);
  symlinkSync(process.execPath, join(bin, 'node'));
  const vitest = join(CHECKOUT, 'node_modules/vitest/vitest.mjs');
  // Neither docker nor python3, and no ps: nothing but Node is on the PATH. All files share one process: it is quicker.
  const { all, exitCode } = await execa(
    process.execPath,
    [vitest, 'run', '--project', 'story', '--project', 'e2e', '--no-isolate', '--maxWorkers', '1', '--root', CHECKOUT],
    { all: true, reject: false, extendEnv: false, env: { PATH: bin, HOME: root, TMPDIR: temporary, NO_COLOR: '1' } },
  );
  expect(all).toContain('The end-to-end tests on docker are skipped: there is no docker command on the PATH');
  expect(all).toContain('The end-to-end tests on native are skipped: there is no python3');
  expect(all).toMatch(/^ story \(1 of 2\): 2 test files$/m);
  expect(all).toMatch(/^ e2e \(2 of 2\): \d\d test files$/m);
  const [, summary = ''] = (all ?? '').split(/^ Skipped: \d+ tests$/m);
  expect(summary).toMatch(
    / {3}there is no docker command on the PATH:\n(.*\n)* .*\/doctor\.test\.ts > .* \(\d+ tests\)/,
  );
  expect(summary).toMatch(
    / {3}there is no python3 .*:\n(.*\n)* .*\/story-native\.test\.ts > the first steps on native/,
  );
  expect(summary).not.toContain('no reason given');
  expect(summary).toMatch(/Test Files +\d+ skipped \(\d+\)\n +Tests +\d+ skipped \(\d+\)/);
  expect(exitCode).toBe(0);
}, 120_000);
