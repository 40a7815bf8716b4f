import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { CliError, systemCode } from '../../model/errors.ts';
import { withDeadline } from '../deadline.ts';
import { CheckedAgent } from './checked-agent.ts';
import type { PeerCheck } from './connection.ts';
import type { TlsPin } from './pinned-socket.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE';
  /** `http://host:port/path`; with `socketPath` the host does not matter. */
  readonly url: string;
  readonly socketPath?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds for the whole exchange. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** For `https:`: the certificate that must be served, whoever signed it. Any other fails with `ECERT`. */
  readonly pin?: TlsPin;
  /** Called with each piece of the response text as it arrives. */
  readonly onText?: (piece: string) => void;
  /** For plain HTTP on this machine: nothing is sent before this check has passed. */
  readonly peer?: PeerCheck;
}

/** A response, or the system's error code (`ECONNREFUSED`, `ETIMEDOUT`, …). */
export type HttpResult =
  | { readonly ok: true; readonly status: number; readonly headers: IncomingMessage['headers']; readonly text: string }
  | { readonly ok: false; readonly code: string };

export interface Http {
  /** Rejects only with the reason of an aborted signal, or with the `CliError` of a peer check. */
  send(request: HttpRequest): Promise<HttpResult>;
}

const LIMIT = 32 * 1024 * 1024;

/** Without a server name, Node checks whether the host is an IPv6 address with a pattern that takes 4 ms to compile. */
const NO_SERVER_NAME = { servername: '' };

/**
 * HTTP for this machine: the engine's socket, the gateway's port and pinned certificates. Node's own client loads 80 ms
 * faster than undici, which matters for `status`.
 */
export function systemHttp(): Http {
  const agent = new Agent({ keepAlive: true });
  const checked = new WeakMap<PeerCheck, Agent>();
  const agentFor = (peer: PeerCheck | undefined) => {
    if (!peer) return agent;
    const known = checked.get(peer) ?? new CheckedAgent(peer);
    checked.set(peer, known);
    return known;
  };
  return {
    async send(options) {
      options.signal?.throwIfAborted();
      try {
        return await withDeadline(options, async (signal) =>
          exchange(options, await connectionOf(options, agentFor(options.peer), signal), signal),
        );
      } catch (error) {
        if (options.signal?.aborted) throw options.signal.reason;
        if (error instanceof CliError) throw error;
        return { ok: false, code: systemCode(error) ?? 'EUNKNOWN' };
      }
    },
  };
}

async function connectionOf({ url, pin }: HttpRequest, agent: Agent, signal: AbortSignal): Promise<RequestOptions> {
  if (!pin) return { agent, aborted: signal, ...NO_SERVER_NAME } as RequestOptions;
  const socket = await (await import('./pinned-socket.ts')).pinnedSocket(url, pin, signal);
  return { createConnection: () => socket };
}

function exchange(options: HttpRequest, connection: RequestOptions, signal: AbortSignal): Promise<HttpResult> {
  const { method, headers, socketPath } = options;
  return new Promise((resolve, reject) => {
    const call = request(
      options.url.replace(/^https:/, 'http:'),
      {
        method,
        headers: { connection: options.pin ? 'close' : 'keep-alive', ...headers },
        signal,
        ...connection,
        ...(socketPath === undefined ? {} : { socketPath }),
      },
      (response) => {
        readText(response, options.onText).then(
          (text) => resolve({ ok: true, status: response.statusCode ?? 0, headers: response.headers, text }),
          reject,
        );
      },
    );
    call.on('error', reject);
    call.end(options.body);
  });
}

async function readText(response: IncomingMessage, onText?: HttpRequest['onText']): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) {
    text += chunk;
    onText?.(chunk);
    if (text.length > LIMIT) throw Object.assign(new Error('The response is too large'), { code: 'EMSGSIZE' });
  }
  return text;
}
