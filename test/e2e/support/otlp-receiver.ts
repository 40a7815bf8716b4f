import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { StackUnderTest } from './stack-under-test.ts';

export interface Trace {
  readonly path: string;
  readonly authorization: string;
  /** As protobuf, which contains texts unchanged. */
  readonly body: string;
}

export interface OtlpReceiver {
  /** As the gateway reaches it. */
  readonly url: string;
  readonly traces: readonly Trace[];
  close(): Promise<void>;
}

/** Takes traces as OpenTelemetry's exporters send them by HTTP. */
export async function startOtlpReceiver({ host }: Pick<StackUnderTest, 'host'>): Promise<OtlpReceiver> {
  const traces: Trace[] = [];
  const server: Server = createServer(async (request, response) => {
    const { url: path = '', headers } = request;
    if (headers['content-type'] === 'application/x-protobuf' && path.endsWith('/v1/traces')) {
      traces.push({ path, authorization: headers.authorization ?? '', body: await bodyOf(request) });
    }
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    traces,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const bytes = await buffer(request);
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('latin1');
}
