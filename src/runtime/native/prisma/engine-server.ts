import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { EngineGuard } from './engine-guard.ts';
import type { EngineRequest } from './engine-handler.ts';
import type { EngineResponse } from './transaction-response.ts';

/** Answers the requests that `guard` accepts with `handle`. Does not read the others' bodies. */
export function engineServer(guard: EngineGuard, handle: (request: EngineRequest) => Promise<EngineResponse>): Server {
  const server = createServer(async (request, response) => {
    const refusal = guard(request);
    if (refusal) return refuse(response, refusal);
    const body = await text(request).catch(() => undefined);
    // The client closed the connection before the body was complete.
    if (body === undefined) return;
    reply(response, await handle(toEngineRequest(request, body)));
  });
  server.keepAliveTimeout = 60_000;
  return server;
}

function toEngineRequest({ method = 'GET', url, headers }: IncomingMessage, body: string): EngineRequest {
  const path = url?.split('?')[0] ?? '/';
  return { method, path, body, transaction: [headers['x-transaction-id']].flat()[0] };
}

function refuse(response: ServerResponse, { status, error }: NonNullable<ReturnType<EngineGuard>>): void {
  // Nothing more is read from this connection.
  response.setHeader('connection', 'close');
  if (status === 401) response.setHeader('www-authenticate', 'Bearer');
  reply(response, { status, body: { error } });
}

function reply(response: ServerResponse, { status, body }: EngineResponse): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
