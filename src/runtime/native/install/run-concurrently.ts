/** Runs actions at the same time and waits for all of them. The first failure aborts the others, and its error is thrown. */
export async function runConcurrently(
  signal: AbortSignal,
  actions: readonly ((signal: AbortSignal) => Promise<unknown>)[],
): Promise<void> {
  const stop = new AbortController();
  const combined = AbortSignal.any([signal, stop.signal]);
  const results = await Promise.allSettled(
    actions.map(async (action) => {
      try {
        await action(combined);
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    }),
  );
  if (results.some(({ status }) => status === 'rejected')) throw stop.signal.reason;
}
