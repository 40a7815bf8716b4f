import type { HttpResult } from '../io/http.ts';
import type { AdminCall, ClientOptions } from './client.ts';

const TIMEOUT_MS = 30_000;

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
    timeoutMs: call.timeoutMs ?? TIMEOUT_MS,
    signal,
  });
}

/** LiteLLM nests five deep or so, and what walks through a value does so step by step. */
const DEEPEST = 100;

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

/** Undefined when it is no JSON, or nested as deeply as no answer of LiteLLM is. */
export function parseJson(result: HttpResult & { ok: true }): unknown {
  if (!/json/.test(`${result.headers['content-type'] ?? ''}`)) return undefined;
  try {
    return isDeep(result.text) ? undefined : JSON.parse(result.text);
  } catch {
    return undefined;
  }
}
