import type { Clock } from '../clock.ts';
import type { Runner } from './runner.ts';

/** What Windows answers while an antivirus examines the program. */
const HELD: readonly (string | undefined)[] = ['UNKNOWN', 'EBUSY', 'EPERM'];
const WAITS_MS = [100, 300, 1000];

/** Starts a program again that Windows did not start. */
export function retryOnWindows(runner: Runner, clock: Pick<Clock, 'sleep'>): Runner {
  return {
    async run(command, options) {
      for (const wait of WAITS_MS) {
        const result = await runner.run(command, options);
        if (!HELD.includes(result.spawnError)) return result;
        await clock.sleep(wait, options.signal);
      }
      return runner.run(command, options);
    },
  };
}
