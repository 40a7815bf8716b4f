import type { Clock } from '../../../io/clock.ts';
import { TRACE, type WasmEngine } from './wasm-engine.ts';

const DEFAULT_WAIT_MS = 2000;
const message = 'Transaction API error: Unable to start a transaction in the given time.';
const TOO_LATE = {
  is_panic: false,
  message,
  meta: { error: 'Unable to start a transaction in the given time.' },
  error_code: 'P2028',
};

/** Keeps to `max_wait`, which the WebAssembly build does not: it waits for a free connection for ever. */
export async function startTransaction(body: string, engine: WasmEngine, clock: Clock): Promise<unknown> {
  const { max_wait: wait = DEFAULT_WAIT_MS } = JSON.parse(body || '{}') as { readonly max_wait?: number };
  const started = engine.startTransaction(body || '{}', TRACE).then((text) => JSON.parse(text));
  const over = new AbortController();
  const late = clock.sleep(wait, over.signal).then(
    () => TOO_LATE,
    () => started,
  );
  const first = await Promise.race([started, late]).finally(() => over.abort());
  if (first !== TOO_LATE) return first;
  // Nobody will use it, should it begin after all.
  started.then(({ id }) => id && engine.rollbackTransaction(id, TRACE)).catch(() => undefined);
  return TOO_LATE;
}
