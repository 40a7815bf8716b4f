import { createHash, timingSafeEqual } from 'node:crypto';

/** What is known of a request before its body is read. */
export interface RequestHead {
  readonly method?: string | undefined;
  readonly headers: {
    readonly [name in 'host' | 'origin' | 'authorization' | 'content-type']?: string | undefined;
  };
}

export interface Refusal {
  readonly status: 401 | 403 | 415;
  readonly error: string;
}

export type EngineGuard = (request: RequestHead) => Refusal | undefined;

/** A web page whose domain resolves to this machine (DNS rebinding) sends its own host name. */
const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;
const JSON_TYPE = /^application\/json(?:\s*;|$)/i;

/** Accepts requests that have the secret and are not from a browser. A refusal reveals nothing new to the client. */
export function engineGuard(secret: string): EngineGuard {
  if (secret === '') throw new Error('The query engine needs a secret');
  const wanted = digest(`Bearer ${secret}`);
  return ({ method = 'GET', headers }) => {
    if (!LOOPBACK.test(headers.host ?? '')) return { status: 403, error: 'Host not allowed' };
    if (headers.origin !== undefined) return { status: 403, error: 'Origin not allowed' };
    // Compares digests, because a comparison in constant time needs equal lengths.
    if (!timingSafeEqual(wanted, digest(headers.authorization ?? ''))) return { status: 401, error: 'Not authorized' };
    const isJson = JSON_TYPE.test(headers['content-type'] ?? '');
    if (method !== 'GET' && !isJson) return { status: 415, error: 'Only application/json is accepted' };
    return undefined;
  };
}

const digest = (text: string) => createHash('sha256').update(text).digest();
