import openUrl from 'open';
import type { Clock } from '../clock.ts';

export interface Browser {
  /** Opens an address in the user's browser; false if that is not possible here. */
  open(url: string): Promise<boolean>;
}

/** An opener that still runs after this time has become the browser. */
const SETTLE_MS = 3000;

export function systemBrowser(clock: Clock, start: (url: string) => Promise<Opener> = openUrl): Browser {
  return {
    async open(url) {
      const opener = await start(url).catch(() => undefined);
      if (!opener) return false;
      const settled = new AbortController();
      const failed = new Promise<boolean>((resolve) => {
        if (opener.exitCode !== null) resolve(opener.exitCode !== 0);
        opener.once('exit', (code) => resolve(code !== 0));
      });
      const runsOn = clock.sleep(SETTLE_MS, settled.signal).then(
        () => false,
        () => false,
      );
      return !(await Promise.race([failed, runsOn]).finally(() => settled.abort()));
    },
  };
}

interface Opener {
  readonly exitCode: number | null;
  once(event: 'exit', listener: (code: number | null) => void): unknown;
}
