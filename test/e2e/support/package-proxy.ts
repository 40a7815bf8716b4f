import { createServer } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EnvHttpProxyAgent, fetch } from 'undici';
import type { Authority } from '../../support/authority.ts';
import { ESTABLISHED, startTunnelProxy } from './forward-proxy.ts';

/** A host that is not in DNS: the proxy is the only way to it. */
const HOST = 'pypi.corp.test';
const PYPI = 'https://pypi.org';
const FILES = 'https://files.pythonhosted.org';
/** For what follows `files.pythonhosted.org`. */
const BELOW_FILES = '/of-files';

/** For PIP_INDEX_URL. */
export const CORP_INDEX = `https://${HOST}/simple`;

export interface PackageProxy {
  /** With the login that it asks for. */
  readonly url: string;
  /** What was asked of it, such as `CONNECT pypi.corp.test:443`. */
  readonly asked: readonly string[];
  /** The paths of the index that were asked for inside TLS. */
  readonly paths: readonly string[];
  /** Where the index comes from: PyPI, or the address of a test's own. */
  origin: string;
  /** Whether the index has uv. */
  hasUv: boolean;
  close(): Promise<void>;
}

/** A company's HTTP proxy that decrypts TLS, in front of PyPI. */
export async function startPackageProxy(authority: Authority): Promise<PackageProxy> {
  const { certificate: cert, key } = await authority.issue(HOST);
  const agent = new EnvHttpProxyAgent();
  const paths: string[] = [];
  const index = createServer({ cert, key }, async (request, response) => {
    const { url = '', headers } = request;
    paths.push(url);
    const isUv = /\/uv[/-]/.test(url);
    if (isUv && !proxy.hasUv) return response.writeHead(404).end();
    const from = url.startsWith(`${BELOW_FILES}/`) ? FILES + url.slice(BELOW_FILES.length) : proxy.origin + url;
    const given = Object.entries({ accept: headers.accept, range: headers.range }).filter(([, value]) => value);
    const answer = await fetch(from, {
      dispatcher: agent,
      headers: Object.fromEntries(given) as Record<string, string>,
    });
    const kind = answer.headers.get('content-type') ?? '';
    if (/json|html/.test(kind)) {
      const page = (await answer.text()).replaceAll(FILES, `https://${HOST}${BELOW_FILES}`);
      return response.writeHead(answer.status, { 'content-type': kind }).end(page);
    }
    for (const name of ['content-type', 'content-length', 'content-range', 'accept-ranges', 'etag']) {
      const value = answer.headers.get(name);
      if (value) response.setHeader(name, value);
    }
    response.writeHead(answer.status);
    if (!answer.body) return response.end();
    // The client may leave.
    return pipeline(Readable.fromWeb(answer.body), response).catch(() => response.destroy());
  });
  const { url, asked, close } = await startTunnelProxy('127.0.0.1', (socket, target) => {
    if (target !== `${HOST}:443`) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    socket.write(ESTABLISHED);
    return index.emit('connection', socket);
  });
  const proxy: PackageProxy = {
    url,
    asked,
    paths,
    origin: PYPI,
    hasUv: true,
    async close() {
      await close();
      await agent.destroy();
    },
  };
  return proxy;
}

/** Why PyPI cannot be asked from here, where it cannot. */
export async function missingPypi(): Promise<string | undefined> {
  const agent = new EnvHttpProxyAgent();
  try {
    const { status } = await fetch(`${PYPI}/simple/uv/`, {
      method: 'HEAD',
      dispatcher: agent,
      signal: AbortSignal.timeout(20_000),
    });
    return status === 200 ? undefined : `${PYPI} answers ${status}`;
  } catch (error) {
    return `${PYPI} cannot be reached: ${error instanceof Error ? (error.cause ?? error) : error}`;
  } finally {
    await agent.destroy();
  }
}
