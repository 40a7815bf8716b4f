import { createHash, timingSafeEqual } from 'node:crypto';

/** What a request says of itself before its body is read. */
export interface AskedRequest {
  readonly method?: string | undefined;
  readonly headers: {
    readonly [name in 'host' | 'origin' | 'authorization' | 'content-type']?: string | undefined;
  };
}

export interface Refusal {
  readonly status: 401 | 403 | 415;
  readonly error: string;
}

export type EngineGuard = (request: AskedRequest) => Refusal | undefined;

/** A page that has pointed a name of its own at this machine comes with that name. */
const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;
const JSON_TYPE = /^application\/json(?:\s*;|$)/i;

/** Lets those pass who know the secret and are no browser. A refusal tells nothing that the asker did not know. */
export function engineGuard(secret: string): EngineGuard {
  if (secret === '') throw new Error('The query engine needs a secret');
  const wanted = digest(`Bearer ${secret}`);
  return ({ method = 'GET', headers }) => {
    if (!LOOPBACK.test(headers.host ?? '')) return { status: 403, error: 'Host not allowed' };
    if (headers.origin !== undefined) return { status: 403, error: 'Origin not allowed' };
    // Digests are of one length, without which there is no comparison in constant time.
    if (!timingSafeEqual(wanted, digest(headers.authorization ?? ''))) return { status: 401, error: 'Not authorized' };
    const isJson = JSON_TYPE.test(headers['content-type'] ?? '');
    if (method !== 'GET' && !isJson) return { status: 415, error: 'Only application/json is accepted' };
    return undefined;
  };
}

const digest = (text: string) => createHash('sha256').update(text).digest();
