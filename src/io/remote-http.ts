import { systemCode } from '../errors.ts';
import type { Http, HttpRequest, HttpResult } from './http.ts';
import { proxyAddress } from './proxy-address.ts';

type Env = Readonly<Record<string, string | undefined>>;
type Dispatcher = import('undici').Dispatcher;

const LIMIT = 32 * 1024 * 1024;

/** Whether a URL's host is this machine itself: `localhost`, `127.0.0.0/8` or `[::1]`. */
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
 * HTTP for any LiteLLM. `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are honoured, but never for this machine: a proxy would
 * ask its own loopback. Plain HTTP to this machine is sent by `local`, so that undici, which is slow to load, is not.
 */
export function remoteHttp(env: Env, local: Http): Http {
  let direct: Promise<Dispatcher> | undefined;
  let proxied: Promise<Dispatcher> | undefined;
  return {
    async send(options) {
      options.signal?.throwIfAborted();
      const loopback = isLoopback(options.url);
      if (loopback && options.url.startsWith('http:')) return local.send(options);
      if (loopback) direct ??= undici().then(({ Agent }) => new Agent());
      else proxied ??= proxyAgent(env);
      return exchange(options, (await (loopback ? direct : proxied)) as Dispatcher);
    },
  };
}

/** By its default export: it is CommonJS, of which a bundle knows no other. */
async function undici() {
  return (await import('undici')).default;
}

async function proxyAgent(env: Env): Promise<Dispatcher> {
  const { EnvHttpProxyAgent } = await undici();
  return new EnvHttpProxyAgent({
    httpProxy: proxyAddress(env, ['http_proxy', 'HTTP_PROXY']),
    httpsProxy: proxyAddress(env, ['https_proxy', 'HTTPS_PROXY']),
    noProxy: env.no_proxy ?? env.NO_PROXY ?? '',
  });
}

async function exchange(options: HttpRequest, dispatcher: Dispatcher): Promise<HttpResult> {
  const { request } = await undici();
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  try {
    const { statusCode, headers, body } = await request(options.url, {
      dispatcher,
      method: options.method,
      headers: { ...options.headers },
      body: options.body ?? null,
      signal,
    });
    return { ok: true, status: statusCode, headers, text: await readText(body) };
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason;
    return { ok: false, code: deadline.aborted ? 'ETIMEDOUT' : codeOf(error) };
  }
}

/** The system's code lies behind undici's own (`UND_ERR_…`), or in the first of several attempts. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const cause = error instanceof Error && error.cause !== undefined ? systemCode(error.cause) : undefined;
  const code = cause ?? systemCode(error) ?? 'EUNKNOWN';
  return code === 'UND_ERR_SOCKET' ? 'ECONNRESET' : code;
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > LIMIT) throw Object.assign(new Error('answer too large'), { code: 'EMSGSIZE' });
  }
  return Buffer.concat(chunks).toString('utf8');
}
