import { systemCode } from '../../model/errors.ts';
import { withDeadline } from '../deadline.ts';
import type { Http, HttpRequest, HttpResult } from './http.ts';
import { proxyAddress } from './proxy-address.ts';

type Env = Readonly<Record<string, string | undefined>>;
type Dispatcher = import('undici').Dispatcher;

const LIMIT = 32 * 1024 * 1024;

/** Whether the host of a URL is this machine: `localhost`, `127.0.0.0/8` or `[::1]`. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/.test(hostname)
  );
}

/**
 * HTTP for any LiteLLM. `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are honoured, but not for this machine: a proxy would
 * connect to its own loopback. Plain HTTP to this machine uses `local`, so that undici, which is slow to load, is not needed.
 */
export function remoteHttp(env: Env, local: Http): Http {
  const dispatchers: Partial<Record<'direct' | 'proxied', Promise<Dispatcher>>> = {};
  return {
    async send(options) {
      options.signal?.throwIfAborted();
      // A gateway with a peer check is on this machine, whatever its address.
      if (options.peer) return local.send(options);
      const loopback = isLoopback(options.url);
      if (loopback && options.url.startsWith('http:')) return local.send(options);
      const route = loopback ? 'direct' : 'proxied';
      dispatchers[route] ??= loopback ? undici().then(({ Agent }) => new Agent({ connect: TLS })) : proxyAgent(env);
      const dispatcher = await dispatchers[route];
      const letGo = () => {
        delete dispatchers[route];
        // undici ignores signals until it is connected, so it would keep this process alive.
        dispatcher.destroy().catch(() => undefined);
      };
      return exchange(options, dispatcher, letGo);
    },
  };
}

/** For connecting only; the whole exchange has the deadline of the call. */
const CONNECT_MS = 5000;
const TLS = { timeout: CONNECT_MS };

/** The default export, because undici is CommonJS and has no other in a bundle. */
async function undici() {
  return (await import('undici')).default;
}

async function proxyAgent(env: Env): Promise<Dispatcher> {
  const { EnvHttpProxyAgent } = await undici();
  return new EnvHttpProxyAgent({
    connect: TLS,
    proxyTls: TLS,
    requestTls: TLS,
    clientFactory: await tunnelsOnce(),
    httpProxy: proxyAddress(env, ['http_proxy', 'HTTP_PROXY']),
    httpsProxy: proxyAddress(env, ['https_proxy', 'HTTPS_PROXY']),
    noProxy: env.no_proxy ?? env.NO_PROXY ?? '',
  });
}

type Connect = (options: import('undici').Dispatcher.ConnectOptions) => Promise<unknown>;

/**
 * Fails the call if a proxy closes the connection on CONNECT or does not answer it. undici would take the former for a
 * temporary fault and reconnect forever.
 */
async function tunnelsOnce() {
  const { Pool } = await undici();
  return (origin: URL, options: object) => {
    const pool = new Pool(origin, { ...options, headersTimeout: CONNECT_MS });
    const connect = pool.connect.bind(pool) as Connect;
    const once: Connect = (wanted) =>
      connect(wanted).catch((error: unknown) => {
        throw Object.assign(new Error('The proxy opened no tunnel'), { code: codeOf(error) });
      });
    return Object.assign(pool, { connect: once }) as import('undici').Pool;
  };
}

async function exchange(options: HttpRequest, dispatcher: Dispatcher, letGo: () => void): Promise<HttpResult> {
  const { origin, pathname, search } = new URL(options.url);
  try {
    return await withDeadline(options, async (signal) => {
      const { statusCode, headers, body } = await dispatcher.request({
        origin,
        path: `${pathname}${search}`,
        method: options.method,
        headers: { ...options.headers },
        body: options.body ?? null,
        signal,
      });
      return { ok: true, status: statusCode, headers, text: await readText(body, options.onText) } as const;
    });
  } catch (error) {
    if (!options.signal?.aborted) return { ok: false, code: codeOf(error) };
    letGo();
    throw options.signal.reason;
  }
}

const SYSTEM_CODES: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: 'ECONNRESET',
  UND_ERR_HEADERS_TIMEOUT: 'ETIMEDOUT',
  UND_ERR_BODY_TIMEOUT: 'ETIMEDOUT',
};

/** The system's code, which is the cause of undici's own (`UND_ERR_…`) or in the first of several attempts. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const cause = error instanceof Error && error.cause !== undefined ? systemCode(error.cause) : undefined;
  const code = cause ?? systemCode(error) ?? 'EUNKNOWN';
  return SYSTEM_CODES[code] ?? code;
}

async function readText(body: AsyncIterable<Buffer>, onText?: HttpRequest['onText']): Promise<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let text = '';
  let size = 0;
  const add = (piece: string) => {
    text += piece;
    if (piece !== '') onText?.(piece);
  };
  for await (const chunk of body) {
    size += chunk.length;
    if (size > LIMIT) throw Object.assign(new Error('The response is too large'), { code: 'EMSGSIZE' });
    add(decoder.decode(chunk, { stream: true }));
  }
  add(decoder.decode());
  return text;
}
