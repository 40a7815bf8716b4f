import type { Clock } from '../clock.ts';

/** How long a child may take to exit after SIGINT: work may need to clean up, a query does not. */
const GRACE_MS = { work: 2000, query: 300 };
const LOOK_EVERY_MS = 50;
/** How long output may still arrive after the group has ended. */
export const ABANDON_MS = 1000;

/** A process's `kill`: a negative id means its group. */
export type Kill = (pid: number, signal: NodeJS.Signals | 0) => unknown;

interface Limits {
  readonly timeoutMs: number | null;
  readonly idleMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Ends the child's process group on timeout, after too long without output, or on the signal. `settle` waits until that
 * is done; `abandoned` resolves if the child still has not ended.
 */
export function endOnDemand(pid: number | undefined, clock: Clock, kill: Kill, options: Limits) {
  const { timeoutMs, idleMs, signal } = options;
  const done = new AbortController();
  let timedOut = false;
  let touched = clock.now();
  let ending: Promise<void> | undefined;
  let isEnding = false;
  let giveUp: () => void = () => undefined;
  const abandoned = new Promise<undefined>((resolve) => {
    giveUp = () => resolve(undefined);
  });
  const end = () => {
    if (pid === undefined || isEnding) return;
    isEnding = true;
    ending = endGroup(pid, timeoutMs === null ? GRACE_MS.work : GRACE_MS.query, clock, kill);
    ending.then(() => clock.sleep(ABANDON_MS, done.signal)).then(giveUp, () => undefined);
  };
  const late = () => {
    timedOut = true;
    end();
  };
  signal?.addEventListener('abort', end, { once: true });
  if (timeoutMs !== null) clock.sleep(timeoutMs, done.signal).then(late, () => undefined);
  if (idleMs !== undefined)
    untilIdle(() => touched + idleMs - clock.now(), clock, done.signal).then(late, () => undefined);
  return {
    timedOut: () => timedOut,
    abandoned,
    touch() {
      touched = clock.now();
    },
    async settle() {
      signal?.removeEventListener('abort', end);
      done.abort();
      await ending;
    },
  };
}

async function untilIdle(left: () => number, clock: Clock, done: AbortSignal): Promise<void> {
  for (let ms = left(); ms > 0; ms = left()) await clock.sleep(ms, done);
}

/** SIGINT first, SIGKILL after a grace period. The child may exit long before its own children. */
async function endGroup(pid: number, graceMs: number, clock: Clock, kill: Kill): Promise<void> {
  const deadline = clock.now() + graceMs;
  let alive = signalGroup(kill, pid, 'SIGINT');
  while (alive && clock.now() < deadline) {
    await clock.sleep(LOOK_EVERY_MS);
    alive = signalGroup(kill, pid, 0);
  }
  if (alive) signalGroup(kill, pid, 'SIGKILL');
}

/** False if no process of the group is left. */
function signalGroup(kill: Kill, pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
