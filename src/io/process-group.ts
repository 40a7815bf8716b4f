import type { Clock } from './clock.ts';

/** How long a child may take to end by itself after SIGINT. */
const GRACE_MS = 5000;
const LOOK_EVERY_MS = 50;

/** A process's `kill`: a negative id means its group. */
export type Kill = (pid: number, signal: NodeJS.Signals | 0) => unknown;

interface Limits {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Ends the child's process group when time is up or the signal comes; `settle` waits until that is done. */
export function endOnDemand(pid: number | undefined, clock: Clock, kill: Kill, options: Limits) {
  const done = new AbortController();
  let timedOut = false;
  let ending: Promise<void> | undefined;
  const end = () => {
    if (pid !== undefined) ending ??= endGroup(pid, clock, kill);
  };
  options.signal?.addEventListener('abort', end, { once: true });
  if (options.timeoutMs !== undefined) {
    const onTime = () => {
      timedOut = true;
      end();
    };
    clock.sleep(options.timeoutMs, done.signal).then(onTime, () => undefined);
  }
  return {
    timedOut: () => timedOut,
    async settle() {
      options.signal?.removeEventListener('abort', end);
      done.abort();
      await ending;
    },
  };
}

/** SIGINT first, SIGKILL after a grace. The child may be gone long before the children that it leaves behind. */
async function endGroup(pid: number, clock: Clock, kill: Kill): Promise<void> {
  const deadline = clock.now() + GRACE_MS;
  let alive = signalGroup(kill, pid, 'SIGINT');
  while (alive && clock.now() < deadline) {
    await clock.sleep(LOOK_EVERY_MS);
    alive = signalGroup(kill, pid, 0);
  }
  if (alive) signalGroup(kill, pid, 'SIGKILL');
}

/** False when nobody of the group is left. */
function signalGroup(kill: Kill, pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
