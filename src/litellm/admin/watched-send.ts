import * as z from 'zod/mini';
import type { HttpResult } from '../../io/network/http.ts';
import type { AdminCall, ClientOptions } from './call.ts';
import { parseJson, send } from './call.ts';

/** The codes of a call during which the gateway, or its database, stopped responding. */
export const NOT_RESPONDING = 'ENOTRESPONDING';
export const DATABASE_SILENT = 'EDATABASESILENT';

/** How long a call may take before the gateway's health is checked. */
const QUIET_MS = 2500;
/** Together with `QUIET_MS` less than ten seconds. */
const LOOK_MS = 5000;
const AGAIN_MS = 1000;
/** For a write that Ctrl-C must not interrupt halfway. */
const GRACE_MS = 2000;

const READINESS = z.object({ db: z.string() });
const NO_DATABASE = /^(disconnected|not connected)$/i;

type Seen = 'alive' | 'hung' | 'database-late' | 'database-silent';

const RETRY_AFTER_MS = [150, 600];

/** Only reads are repeated, because a write without a response may have been made. */
export async function sendWithRetries(options: ClientOptions, call: AdminCall): Promise<HttpResult> {
  for (let attempt = 0; ; attempt += 1) {
    const result = await sendWatched(options, call);
    const delay = RETRY_AFTER_MS[attempt];
    if (call.method !== 'GET' || delay === undefined || !isPassing(result)) return result;
    await options.clock.sleep(delay, options.signal);
  }
}

const isPassing = (result: HttpResult) =>
  result.ok ? [502, 503, 504].includes(result.status) : ['ECONNRESET', 'EPIPE', 'EAI_AGAIN'].includes(result.code);

/**
 * Sends a call, which may take as long as it needs while the gateway is alive: during a slow call the gateway's health is
 * checked, so that slow is not mistaken for hung.
 */
async function sendWatched(options: ClientOptions, call: AdminCall): Promise<HttpResult> {
  const { clock, signal } = options;
  signal.throwIfAborted();
  const over = new AbortController();
  const cut = new AbortController();
  let verdict: string | undefined;
  const onAbort = async () => {
    if (call.whole) await clock.sleep(GRACE_MS, over.signal);
    cut.abort(signal.reason);
  };
  const interrupt = () => void onAbort().catch(() => undefined);
  signal.addEventListener('abort', interrupt, { once: true });
  untilSilent({ ...options, signal: over.signal }).then(
    (found) => {
      verdict = found;
      cut.abort();
    },
    () => undefined,
  );
  try {
    return await send({ ...options, signal: cut.signal }, call);
  } catch (error) {
    if (verdict === undefined || signal.aborted) throw error;
    return { ok: false, code: verdict };
  } finally {
    signal.removeEventListener('abort', interrupt);
    over.abort();
  }
}

/** Resolves with the code of what stopped responding; otherwise runs until its signal. */
async function untilSilent(options: ClientOptions): Promise<string> {
  let before: Seen = 'alive';
  for (let wait = QUIET_MS; ; wait = AGAIN_MS) {
    await options.clock.sleep(wait, options.signal);
    const seen = await look(options);
    if (seen === 'hung') return NOT_RESPONDING;
    // A database under load may be late once, so one late answer does not count.
    if (seen === 'database-silent' || (seen === 'database-late' && before === seen)) return DATABASE_SILENT;
    before = seen;
  }
}

/** Neither route needs a key. */
async function look({ http, target, signal }: ClientOptions): Promise<Seen> {
  const get = (path: string) => http.send({ method: 'GET', url: target.url + path, timeoutMs: LOOK_MS, signal });
  const [liveness, readiness] = await Promise.all([get('/health/liveliness'), get('/health/readiness')]);
  if (isLate(readiness)) return isLate(liveness) ? 'hung' : liveness.ok ? 'database-silent' : 'alive';
  const parsed = readiness.ok ? z.safeParse(READINESS, parseJson(readiness)) : undefined;
  return parsed?.success && NO_DATABASE.test(parsed.data.db) ? 'database-late' : 'alive';
}

const isLate = (result: HttpResult) => !result.ok && result.code === 'ETIMEDOUT';
