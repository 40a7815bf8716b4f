import type { Clock } from '../../../io/clock.ts';
import { TRACE, type WasmEngine } from './wasm-engine.ts';

const DEFAULT_WAIT_MS = 2000;
const UNABLE = 'Unable to start a transaction in the given time.';
const TOO_LATE = {
  is_panic: false,
  message: `Transaction API error: ${UNABLE}`,
  meta: { error: UNABLE },
  error_code: 'P2028',
};

/** Obeys `max_wait`. The WebAssembly build does not, but waits for a free connection for ever. */
export async function startTransaction(body: string, engine: WasmEngine, clock: Clock): Promise<unknown> {
  const { max_wait: wait = DEFAULT_WAIT_MS } = JSON.parse(body || '{}') as { readonly max_wait?: number };
  const started = engine.startTransaction(body || '{}', TRACE).then((text) => JSON.parse(text));
  const settled = new AbortController();
  const timedOut = clock.sleep(wait, settled.signal).then(
    () => TOO_LATE,
    () => started,
  );
  const first = await Promise.race([started, timedOut]).finally(() => settled.abort());
  if (first !== TOO_LATE) return first;
  // If the transaction starts after all, nobody uses it.
  started.then(({ id }) => id && engine.rollbackTransaction(id, TRACE)).catch(() => undefined);
  return TOO_LATE;
}
