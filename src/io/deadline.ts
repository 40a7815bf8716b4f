export interface Limits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits for an action until time is up (`ETIMEDOUT`) or the signal is aborted (its reason), even if the action ignores
 * the signal that it is given.
 */
export async function withDeadline<Result>(
  { timeoutMs, signal }: Limits,
  action: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  let end: (reason: unknown) => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    end = (reason) => {
      // Rejects before it aborts, so that the action's own error for the abort does not win.
      reject(reason);
      controller.abort(reason);
    };
  });
  const onAbort = () => end(signal?.reason);
  const timer = setTimeout(
    () => end(Object.assign(new Error('Timed out'), { code: 'ETIMEDOUT' })),
    Math.max(0, timeoutMs),
  );
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const running = action(controller.signal);
    running.catch(() => undefined);
    return await Promise.race([running, ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
