/** Runs actions at the same time, and waits for all of them. The first that fails ends the others, and its error is thrown. */
export async function runBeside(
  signal: AbortSignal,
  actions: readonly ((signal: AbortSignal) => Promise<unknown>)[],
): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const ends = await Promise.allSettled(
    actions.map(async (action) => {
      try {
        await action(either);
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    }),
  );
  if (ends.some(({ status }) => status === 'rejected')) throw stop.signal.reason;
}
