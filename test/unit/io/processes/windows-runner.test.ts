import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../../../src/io/processes/runner.ts';
import { retryOnWindows } from '../../../../src/io/processes/windows-runner.ts';

const ran: RunResult = { outcome: 'exited', exitCode: 0, stdout: 'done', stderr: '' };
const failed = (spawnError: string): RunResult => ({ ...ran, exitCode: -1, stdout: '', spawnError });

async function runWith(...results: readonly RunResult[]) {
  const waits: number[] = [];
  const left = [...results];
  const runner = retryOnWindows(
    {
      run: async () => {
        const result = left.shift();
        if (!result) throw new Error('unexpected run');
        return result;
      },
    },
    { sleep: async (ms) => void waits.push(ms) },
  );
  const result = await runner.run({ file: 'docker.exe', args: [] }, { env: {}, timeoutMs: null });
  return { result, waits, left: left.length };
}

describe('retryOnWindows', () => {
  it.each(['UNKNOWN', 'EBUSY', 'EPERM'])('tries again to start a program that failed to start (%s)', async (code) => {
    expect(await runWith(failed(code), failed(code), ran)).toEqual({ result: ran, waits: [100, 300], left: 0 });
  });

  it('gives up after 1.4 s', async () => {
    const all = [failed('UNKNOWN'), failed('UNKNOWN'), failed('UNKNOWN'), failed('UNKNOWN')];
    expect(await runWith(...all)).toEqual({ result: failed('UNKNOWN'), waits: [100, 300, 1000], left: 0 });
  });

  it.each([ran, { ...ran, exitCode: 1 }, failed('E2BIG'), { ...ran, outcome: 'not-found' as const }])(
    'does not try again after any other result',
    async (result) => expect(await runWith(result, ran)).toEqual({ result, waits: [], left: 1 }),
  );
});
