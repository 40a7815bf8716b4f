import type { Clock } from '../../io/clock.ts';
import type { Http, HttpResult } from '../../io/network/http.ts';
import type { Secret } from '../../model/secret.ts';
import { jsonValue } from '../../text/json.ts';
import type { AdminTarget } from './target.ts';

export interface AdminCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and query, with user input percent-encoded. */
  readonly path: string;
  readonly body?: unknown;
  /** A virtual key to use instead of the master key. If it is refused, that is an answer rather than an error. */
  readonly key?: Secret;
  /** Milliseconds; default 30 s. Ends sooner if the gateway does not respond. */
  readonly timeoutMs?: number;
  /** Called with each piece of the response text as it arrives. */
  readonly onText?: (piece: string) => void;
  /** For a write: the command that shows whether it was made. */
  readonly lookup?: string;
  /** A write that Ctrl-C must not interrupt halfway: it gets two more seconds. */
  readonly whole?: boolean;
}

/** A JSON response with any status, except a refused master key. */
export interface AdminAnswer {
  readonly status: number;
  readonly ok: boolean;
  readonly body: unknown;
  /** LiteLLM's message if it is an error; otherwise empty. */
  readonly message: string;
}

export interface ClientOptions {
  readonly http: Http;
  readonly clock: Clock;
  readonly target: AdminTarget;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 30_000;
/** LiteLLM nests about five levels; the limit protects recursive functions. */
const DEEPEST = 100;

export function send({ http, target, signal }: ClientOptions, call: AdminCall): Promise<HttpResult> {
  const json = call.body === undefined ? undefined : JSON.stringify(call.body);
  return http.send({
    method: call.method,
    url: target.url + call.path,
    ...(target.peer ? { peer: target.peer } : {}),
    headers: {
      authorization: `Bearer ${(call.key ?? target.masterKey).reveal()}`,
      ...(json === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(json)}` }),
    },
    ...(json === undefined ? {} : { body: json }),
    ...(call.onText === undefined ? {} : { onText: call.onText }),
    timeoutMs: call.timeoutMs ?? TIMEOUT_MS,
    signal,
  });
}

/** Undefined if it is not JSON, or nested deeper than any response of LiteLLM. */
export function parseJson(result: HttpResult & { ok: true }): unknown {
  if (!/json/.test(`${result.headers['content-type'] ?? ''}`)) return undefined;
  return isDeep(result.text) ? undefined : jsonValue(result.text);
}

function isDeep(json: string): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < json.length; at += 1) {
    const letter = json[at];
    if (isText && letter === '\\') at += 1;
    else if (letter === '"') isText = !isText;
    else if (isText) continue;
    else if (letter === '{' || letter === '[') depth += 1;
    else if (letter === '}' || letter === ']') depth -= 1;
    if (depth > DEEPEST) return true;
  }
  return false;
}
