import * as z from 'zod/mini';
import type { PeerCheck } from '../../io/network/connection.ts';
import type { Http, HttpResult } from '../../io/network/http.ts';
import type { TlsPin } from '../../io/network/pinned-socket.ts';
import { redirectTarget } from '../../io/network/redirect-target.ts';
import { CliError } from '../../model/errors.ts';
import type { Secret } from '../../model/secret.ts';
import { proxyUrl, reachableHost, type StackSpec } from '../../model/stack-spec.ts';
import { jsonAs } from '../../text/json.ts';

/** What one probe of the gateway's port showed. */
export type ProxyHealth =
  | { readonly state: 'ready'; readonly version: string | null; readonly keys: number | null }
  /** Nothing listens, or it hung up: `code` is the system's. */
  | { readonly state: 'silent'; readonly code: string }
  /** It accepts connections but answers none, which only a process does that was ready before. */
  | { readonly state: 'not-responding' }
  /** It answers but is not ready yet. */
  | { readonly state: 'starting'; readonly status: number }
  | { readonly state: 'database-lost' }
  | { readonly state: 'key-refused' }
  /** The gateway is ready, but its reverse proxy cannot reach it: `code` is the system's, or `HTTP 502`. */
  | { readonly state: 'tls-silent'; readonly code: string }
  /** Another program answers there; `error` when that was clear before anything was sent. */
  | { readonly state: 'other-program'; readonly answer: string; readonly error?: CliError };

export interface ProxyTarget {
  readonly url: string;
  readonly masterKey: Secret;
  /** Nobody else is sent anything. */
  readonly peer: PeerCheck;
  /** The reverse proxy, where there is one. */
  readonly tls?: { readonly url: string; readonly authority: string; readonly pin: TlsPin };
}

/** The stack's own gateway: on its plain port, and through TLS as clients on this machine reach it. */
export function targetOf(
  spec: Pick<StackSpec, 'bind' | 'port' | 'tls'>,
  masterKey: Secret,
  peer: PeerCheck,
): ProxyTarget {
  const plain = { url: proxyUrl(spec), masterKey, peer };
  if (!spec.tls) return plain;
  const { host, bind, httpsPort, fingerprint } = spec.tls;
  const pin = { serverName: host, fingerprint };
  const url = `https://${reachableHost(bind)}:${httpsPort}`;
  return { ...plain, tls: { url, authority: `${host}:${httpsPort}`, pin } };
}

interface Probe {
  readonly http: Http;
  readonly target: ProxyTarget;
  readonly signal: AbortSignal | undefined;
}

const READINESS = z.object({ db: z.string() });
const DETAILS = z.object({ litellm_version: z.optional(z.string()) });
const KEY_LIST = z.object({ total_count: z.optional(z.number()) });
const MODEL_COUNT = z.object({ total_count: z.number() });
const MODEL_INFO = z.object({ data: z.array(z.object({ model_info: z.object({ id: z.string() }) })) });

/** Longer than the 2 s that LiteLLM takes to find its database gone. */
const PROBE_MS = 5000;
const ALIVE_MS = 1500;

/**
 * Ready means: readiness 200 with `db: connected`, and the master key works on a call that reads the database. Readiness alone
 * may be 15 s old, and another LiteLLM would report it too. `atOnce` sends all calls side by side, for a gateway that is known
 * to run, where one round trip less counts.
 */
export async function probeProxy(
  http: Http,
  target: ProxyTarget,
  signal?: AbortSignal,
  options: { readonly atOnce?: boolean } = {},
): Promise<ProxyHealth> {
  try {
    return await probe(http, target, signal, options);
  } catch (error) {
    const taken = portTakenIn(error);
    return { state: 'other-program', answer: taken.message, error: taken };
  }
}

/** What a peer check says about another program; every other error is thrown. */
function portTakenIn(error: unknown): CliError {
  if (error instanceof CliError && error.code === 'port_taken') return error;
  throw error;
}

async function probe(
  http: Http,
  target: ProxyTarget,
  signal: AbortSignal | undefined,
  options: { readonly atOnce?: boolean },
): Promise<ProxyHealth> {
  const get = (path: string, withKey: boolean) => getFrom({ http, target, signal }, path, withKey);
  const ask = () => Promise.all([get('/key/list?size=1', true), get('/health/readiness/details', true)]);
  const early = options.atOnce ? await ask() : undefined;
  const told = early?.[1];
  const readiness = told && tellsReadiness(told) ? told : await get('/health/readiness', false);
  if (!readiness.ok && readiness.code === 'ETIMEDOUT') return unanswered(http, target, signal);
  if (!readiness.ok) return { state: 'silent', code: readiness.code };
  const body = jsonAs(READINESS, readiness.text);
  if (!body) return unexpected(target.url, readiness);
  if (readiness.status !== 200 || body.db !== 'connected') {
    return /^(disconnected|not connected)$/i.test(body.db)
      ? { state: 'database-lost' }
      : { state: 'starting', status: readiness.status };
  }
  // Not before: a reverse proxy logs each call that it cannot pass on.
  const [silent, [keys, details]] = await Promise.all([probeTls(http, target, signal), early ?? ask()]);
  // Readiness may be 15 s old.
  if (!keys.ok && keys.code === 'ETIMEDOUT') return unanswered(http, target, signal);
  if (!keys.ok) return { state: 'silent', code: keys.code };
  if (keys.status === 401 || keys.status === 403) return { state: 'key-refused' };
  if (keys.status !== 200) return { state: 'starting', status: keys.status };
  if (silent) return silent;
  // Older versions have no such route, and are ready all the same.
  const version = details.ok ? jsonAs(DETAILS, details.text)?.litellm_version : undefined;
  return { state: 'ready', version: version ?? null, keys: jsonAs(KEY_LIST, keys.text)?.total_count ?? null };
}

/** In versions that have them, details hold what readiness says, so that one call less is made. */
const tellsReadiness = (details: HttpResult): boolean =>
  details.ok ? details.status === 200 && jsonAs(READINESS, details.text) !== undefined : details.code === 'ETIMEDOUT';

/** Readiness asks the database; liveliness is the gateway's own answer. */
async function unanswered(http: Http, { url }: ProxyTarget, signal: AbortSignal | undefined): Promise<ProxyHealth> {
  const call = { method: 'GET', url: `${url}/health/liveliness`, timeoutMs: ALIVE_MS } as const;
  const alive = await http.send({ ...call, ...(signal ? { signal } : {}) });
  if (alive.ok) return { state: 'database-lost' };
  return alive.code === 'ETIMEDOUT' ? { state: 'not-responding' } : { state: 'silent', code: alive.code };
}

/** What answers on a port where this stack's gateway does not run. No key is sent there. */
export async function whoAnswers(
  http: Http,
  url: string,
  signal?: AbortSignal,
): Promise<{ readonly who: 'nobody' | 'litellm' } | { readonly who: 'other'; readonly answer: string }> {
  const result = await http.send({
    method: 'GET',
    url: `${url}/health/readiness`,
    timeoutMs: PROBE_MS,
    ...(signal ? { signal } : {}),
  });
  // A program that accepts the connection but speaks no HTTP has the port all the same.
  if (!result.ok) return result.code === 'ECONNREFUSED' ? { who: 'nobody' } : { who: 'other', answer: result.code };
  return jsonAs(READINESS, result.text) ? { who: 'litellm' } : { who: 'other', answer: describe(url, result) };
}

/** Undefined when it works or there is no reverse proxy. Without the key, because readiness needs none. */
async function probeTls(http: Http, { tls }: ProxyTarget, signal: AbortSignal | undefined) {
  if (!tls) return undefined;
  const answer = await http.send({
    method: 'GET',
    url: `${tls.url}/health/readiness`,
    headers: { host: tls.authority },
    pin: tls.pin,
    timeoutMs: PROBE_MS,
    ...(signal ? { signal } : {}),
  });
  if (answer.ok && answer.status === 200) return undefined;
  return { state: 'tls-silent', code: answer.ok ? `HTTP ${answer.status}` : answer.code } as const;
}

/** The number of rows of the router; a pattern such as `openai/*` is one. Null when it is unknown. */
export async function countModels(http: Http, target: ProxyTarget, signal?: AbortSignal): Promise<number | null> {
  const answer = await getFrom({ http, target, signal }, '/v2/model/info?size=1', true).catch(
    (error: unknown) => void portTakenIn(error),
  );
  if (!answer?.ok) return null;
  // Before the first model is made, some versions answer 500.
  if (answer.status === 500 && answer.text.includes('LLM Model List not loaded')) return 0;
  if (answer.status === 404) return countFolded(http, target, signal);
  return jsonAs(MODEL_COUNT, answer.text)?.total_count ?? null;
}

/** `/model/info` shows a pattern as one row for each model that it stands for, all with one id. */
async function countFolded(http: Http, target: ProxyTarget, signal: AbortSignal | undefined): Promise<number | null> {
  const answer = await getFrom({ http, target, signal }, '/model/info', true);
  const rows = answer.ok ? jsonAs(MODEL_INFO, answer.text)?.data : undefined;
  return rows ? new Set(rows.map(({ model_info }) => model_info.id)).size : null;
}

function getFrom({ http, target, signal }: Probe, path: string, withKey: boolean) {
  return http.send({
    method: 'GET',
    url: `${target.url}${path}`,
    peer: target.peer,
    headers: withKey ? { authorization: `Bearer ${target.masterKey.reveal()}` } : {},
    timeoutMs: PROBE_MS,
    ...(signal ? { signal } : {}),
  });
}

function unexpected(url: string, answer: HttpResult & { ok: true }): ProxyHealth {
  // While it starts, LiteLLM may answer 5xx with a text of its server's.
  if (answer.status >= 500) return { state: 'starting', status: answer.status };
  return { state: 'other-program', answer: describe(url, answer) };
}

function describe(url: string, { status, headers }: HttpResult & { ok: true }): string {
  if (status >= 300 && status < 400) return `HTTP ${status}, redirects to ${redirectTarget(url, headers.location)}`;
  return `HTTP ${status}, ${headers['content-type'] ?? 'no content type'}`;
}
