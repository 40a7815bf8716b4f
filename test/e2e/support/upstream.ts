import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StackUnderTest } from './stack-under-test.ts';
import { type UpstreamAnswer, upstreamAnswer } from './upstream-answers.ts';

export interface Upstream {
  /** As the proxy reaches it. */
  readonly url: string;
  readonly port: number;
  /** What arrived: which provider key, which model. */
  readonly seen: readonly { readonly key: string; readonly model: string }[];
  /** Models that it answers with 500. */
  readonly failing: Set<string>;
  close(): Promise<void>;
}

/**
 * A provider that speaks OpenAI's APIs, plain and streamed, those of others plainly, and keeps what reached it. A key that begins with sk-bad is
 * refused; a model's name can ask for a fault: fail-429, fail-500, slow-MS (before it answers), broken (a stream cut off).
 */
export async function startUpstream(
  { host }: Pick<StackUnderTest, 'host'>,
  tls?: { readonly certificate: string; readonly key: string },
): Promise<Upstream> {
  const failing = new Set<string>();
  const seen: { key: string; model: string }[] = [];
  const serve: RequestListener = async (request, response) => {
    const key = (request.headers.authorization ?? '').replace('Bearer ', '');
    const path = decodeURIComponent((request.url ?? '').split('?')[0] ?? '');
    const { model = modelIn(path), stream = false } = JSON.parse((await text(request)) || '{}') as Asked;
    seen.push({ key, model });
    if (key.startsWith('sk-bad')) return sendJson(response, 401, BAD_KEY);
    if (model === 'fail-500' || failing.has(model))
      return sendJson(response, 500, { error: { message: 'No.', type: 'server_error' } });
    if (model === 'fail-429') return sendJson(response, 429, BUSY);
    await sleep(Number(/^slow-(\d+)$/.exec(model)?.[1] ?? 0));
    const answer = upstreamAnswer(path, model);
    if (!answer) sendJson(response, 404, { error: { message: 'Unknown path.', type: 'invalid_request_error' } });
    else if (stream && model === 'broken') breakOff(response, answer);
    else if (stream) sendEvents(response, answer);
    else sendJson(response, 200, answer.whole);
  };
  const server = tls ? createTlsServer({ cert: tls.certificate, key: tls.key }, serve) : createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://${host}:${port}/v1`,
    port,
    seen,
    failing,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

interface Asked {
  readonly model?: string;
  readonly stream?: boolean;
}

/** Gemini and Bedrock name it there. */
const modelIn = (path: string) => /\/models?\/([^/]+?)(?::\w+|\/converse|\/invoke)$/.exec(path)?.[1] ?? '';

const BAD_KEY = {
  error: { message: 'Incorrect API key provided.', type: 'invalid_request_error', code: 'invalid_api_key' },
};

const BUSY = { error: { message: 'Slow down.', type: 'requests', code: 'rate_limit_exceeded' } };

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function sendEvents(response: ServerResponse, { events }: UpstreamAnswer): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(events.map(eventText).join(''));
}

/** After the first piece of the answer. */
function breakOff(response: ServerResponse, { events }: UpstreamAnswer): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(events.slice(0, 1).map(eventText).join(''), () => response.destroy());
}

function eventText([name, data]: UpstreamAnswer['events'][number]): string {
  const value = typeof data === 'string' ? data : JSON.stringify(data);
  return `${name === null ? '' : `event: ${name}\n`}data: ${value}\n\n`;
}
