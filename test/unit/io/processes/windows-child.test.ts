import { expect, it } from 'vitest';
import type { InheritedChild } from '../../../../src/io/processes/inherited-child.ts';
import { runOnWindows } from '../../../../src/io/processes/windows-child.ts';

const run = (file: string, script = '') => {
  const options: InheritedChild = {
    ...{ file, args: ['-e', script], env: {} },
    // As without a console: no signal arrives, and no terminal has passed one on.
    divertSignals: () => () => {},
    hasGot: () => false,
    withUserUmask: (start) => start(),
  };
  return runOnWindows(options);
};

const ENDINGS: [string, string, number][] = [
  ['its exit code', 'process.exit(7)', 7],
  ['success', '', 0],
  ['the number of the signal that ended it', 'process.kill(process.pid, "SIGKILL")', 137],
];

// Windows itself has no signals.
it.each(process.platform === 'win32' ? ENDINGS.slice(0, 2) : ENDINGS)(
  'returns %s of a program without a console',
  async (_, script, code) => {
    expect(await run(process.execPath, script)).toBe(code);
  },
);

it.each(['/nowhere/no-such-program', 'no-such-program'])('returns 127 when there is no %s', async (file) => {
  expect(await run(file)).toBe(127);
});
