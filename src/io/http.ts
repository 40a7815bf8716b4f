import { Agent, type IncomingMessage, request } from 'node:http';
import { systemCode } from '../errors.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE';
  /** `http://host:port/path`; with `socketPath` the host is only a name. */
  readonly url: string;
  readonly socketPath?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds for the whole exchange. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** An answer, or the system's code for why there was none (`ECONNREFUSED`, `ETIMEDOUT`, …). */
export type HttpResult =
  | { readonly ok: true; readonly status: number; readonly headers: IncomingMessage['headers']; readonly text: string }
  | { readonly ok: false; readonly code: string };

export interface Http {
  /** Rejects only with the reason of an aborted signal. */
  send(request: HttpRequest): Promise<HttpResult>;
}

const LIMIT = 32 * 1024 * 1024;

/**
 * HTTP for this machine: the engine's socket and the proxy's port. Node's own client, since it starts 80 ms sooner than
 * undici, which matters to `status`.
 */
export function systemHttp(): Http {
  const agent = new Agent({ keepAlive: true });
  return {
    send: (options) =>
      new Promise((resolve, reject) => {
        options.signal?.throwIfAborted();
        const deadline = AbortSignal.timeout(options.timeoutMs);
        const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
        const fail = (error: unknown) => {
          if (options.signal?.aborted) reject(options.signal.reason);
          else resolve({ ok: false, code: deadline.aborted ? 'ETIMEDOUT' : (systemCode(error) ?? 'EUNKNOWN') });
        };
        const call = request(
          options.url,
          {
            agent,
            method: options.method,
            headers: { connection: 'keep-alive', ...options.headers },
            signal,
            ...(options.socketPath === undefined ? {} : { socketPath: options.socketPath }),
          },
          (response) => {
            readText(response).then(
              (text) => resolve({ ok: true, status: response.statusCode ?? 0, headers: response.headers, text }),
              fail,
            );
          },
        );
        call.on('error', fail);
        call.end(options.body);
      }),
  };
}

async function readText(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) {
    text += chunk;
    if (text.length > LIMIT) throw Object.assign(new Error('answer too large'), { code: 'EMSGSIZE' });
  }
  return text;
}
