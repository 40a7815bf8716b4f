import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { StackUnderTest } from './stack-under-test.ts';

export interface ForwardProxy {
  /** As the gateway reaches it; with the login that it asks for. */
  readonly url: string;
  readonly port: number;
  /** What was asked of it, such as `CONNECT llm.corp.test:443`. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** The login that it wants. */
export const LOGIN = { user: 'ann', password: 'pr0xy-p4ssw0rd' };

/** A company's HTTP proxy: the only route to a host that is not in DNS, `onward.port` of this machine. */
export function startForwardProxy(
  { host }: Pick<StackUnderTest, 'host'>,
  onward: { readonly port: number },
): Promise<ForwardProxy> {
  return startTunnelProxy(host, (socket) => {
    const upstream = connect(onward.port, '127.0.0.1', () => {
      socket.write(ESTABLISHED);
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [upstream, socket]) end.on('error', () => socket.destroy()).on('close', () => upstream.destroy());
  });
}

export const ESTABLISHED = 'HTTP/1.1 200 Connection Established\r\n\r\n';

/** An HTTP proxy that wants the login; `host` is its name for clients. `tunnel` gets each connection and where it leads. */
export async function startTunnelProxy(
  host: string,
  tunnel: (socket: Duplex, target: string) => void,
): Promise<ForwardProxy> {
  const asked: string[] = [];
  const wanted = `Basic ${Buffer.from(`${LOGIN.user}:${LOGIN.password}`).toString('base64')}`;
  const isAllowed = (header: string | undefined) => header === wanted;
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(isAllowed(request.headers['proxy-authorization']) ? 502 : 407).end();
  });
  const open = new Set<Duplex>();
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    open.add(socket);
    socket.on('error', () => socket.destroy());
    if (!isAllowed(request.headers['proxy-authorization'])) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n');
      return;
    }
    tunnel(socket, request.url ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${LOGIN.user}:${LOGIN.password}@${host}:${port}`,
    port,
    asked,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
