import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SuiteReporter } from './test/support/suite-reporter.ts';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string };

const minutes = 60_000;

/** Unit tests that replace modules of Node, which needs a process for each file. */
const mocked = 'test/unit/**/*.mocked.test.ts';

/** A process runs many files and loads each module once, which takes a third of the time. */
const sharedProcess = { isolate: false, restoreMocks: true, unstubEnvs: true, unstubGlobals: true };

/** What `npm test` runs of the end-to-end tests: one story on each runtime. */
const story = 'test/e2e/story-*.test.ts';

const realStack = {
  globalSetup: ['test/e2e/support/global-setup.ts'],
  // Each file has its own projects and ports; booting a proxy takes one core.
  maxWorkers: 2,
  testTimeout: 10 * minutes,
  hookTimeout: 10 * minutes,
  expect: { poll: { timeout: 20_000 } },
};

// One group after the other, so that a real stack does not slow the tests that measure time.
export default defineConfig({
  define: { __AGENTS_LLM_VERSION__: JSON.stringify(version) },
  test: {
    // A second, which is the default, is no time for a process on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    // Vitest itself leaves a core aside: on two that is half of them.
    maxWorkers: '100%',
    // Ours first, so that the runner's own lines are the last.
    reporters: [new SuiteReporter(), 'default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          exclude: [mocked],
          testTimeout: 20_000,
          ...sharedProcess,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'unit-mocked', include: [mocked], testTimeout: 20_000, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'cli',
          include: ['test/cli/**/*.test.ts'],
          ...sharedProcess,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          // Some wait for a lock or a timeout of seconds: one more than there are cores, so that another uses the time.
          maxWorkers: availableParallelism() + 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { ...realStack, name: 'story', include: [story], sequence: { groupOrder: 2 } },
      },
      {
        extends: true,
        test: {
          ...realStack,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [story],
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
