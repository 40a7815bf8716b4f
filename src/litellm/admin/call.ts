import type { Clock } from '../../io/clock.ts';
import type { Http, HttpResult } from '../../io/network/http.ts';
import type { Secret } from '../../model/secret.ts';
import { jsonValue } from '../../text/json.ts';
import type { AdminTarget } from './target.ts';

export interface AdminCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With its query; what comes from a user is percent-encoded already. */
  readonly path: string;
  readonly body?: unknown;
  /** A virtual key instead of the master key; its refusal is then an answer and no error. */
  readonly key?: Secret;
  /** Milliseconds; 30 s when left out. A gateway that does not respond ends it sooner. */
  readonly timeoutMs?: number;
  /** Given each piece of the answer's text as it comes. */
  readonly onText?: (piece: string) => void;
  /** For a write: the command that shows whether it was carried out. */
  readonly lookup?: string;
  /** A write that Ctrl-C must not interrupt half-way: it gets two seconds more. */
  readonly whole?: boolean;
}

/** An answer in JSON with any status but the refusal of the master key. */
export interface AdminAnswer {
  readonly status: number;
  readonly ok: boolean;
  readonly body: unknown;
  /** LiteLLM's words when it is an error; else empty. */
  readonly message: string;
}

export interface ClientOptions {
  readonly http: Http;
  readonly clock: Clock;
  readonly target: AdminTarget;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 30_000;
/** LiteLLM nests five deep or so, and what walks through a value does so step by step. */
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

/** Undefined when it is no JSON, or nested as deeply as no answer of LiteLLM is. */
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
