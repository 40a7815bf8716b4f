import { expect, it } from 'vitest';
import { renameOver } from '../../../../src/io/files/rename-over.ts';

const failure = (code: string) => Object.assign(new Error(`${code}: rename`), { code });

/** Fails as often as there are codes, then succeeds. */
function failing(codes: readonly string[], isWindows = true) {
  const left = [...codes];
  const waits: number[] = [];
  const how = {
    isWindows,
    rename: async () => {
      const code = left.shift();
      if (code) throw failure(code);
    },
    sleep: async (ms: number) => void waits.push(ms),
  };
  return { run: () => renameOver('new', 'old', how), waits };
}

it.each(['EBUSY', 'EPERM', 'EACCES'])('tries again on Windows while the file is held open: %s', async (code) => {
  const { run, waits } = failing([code, code]);
  await run();
  expect(waits).toEqual([20, 50]);
});

it('gives up after 1.6 s', async () => {
  const { run, waits } = failing(Array.from({ length: 7 }, () => 'EBUSY'));
  await expect(run()).rejects.toMatchObject({ code: 'EBUSY' });
  expect(waits).toEqual([20, 50, 100, 200, 400, 800]);
});

it.each([
  ['another failure', 'ENOSPC', true],
  ['any failure elsewhere', 'EPERM', false],
])('throws %s at once', async (_, code, isWindows) => {
  const { run, waits } = failing([code], isWindows);
  await expect(run()).rejects.toMatchObject({ code });
  expect(waits).toEqual([]);
});
