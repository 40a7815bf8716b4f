import { X509Certificate } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type HttpRequest, systemHttp } from '../../../../src/io/network/http.ts';
import { interruption } from '../../../../src/model/errors.ts';
import { selfSigned } from '../../../../src/stack/tls/self-signed.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const http = systemHttp();
const get = (url: string, options: Partial<HttpRequest> = {}) =>
  http.send({ method: 'GET', url, timeoutMs: 30_000, ...options });

async function listen(server: Server, where: { port: number } | { path: string } = { port: 0 }): Promise<string> {
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', ...where }, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return 'path' in where ? 'http://docker' : `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (listener: RequestListener) => listen(createServer(listener));

describe('send with a pinned certificate', async () => {
  const pair = await selfSigned('llm.lan', Date.now(), Buffer.alloc(16, 7));
  const { fingerprint256: fingerprint } = new X509Certificate(pair.certificate);

  async function secure(listener: RequestListener): Promise<string> {
    const url = await listen(createTlsServer({ cert: pair.certificate, key: pair.key }, listener) as unknown as Server);
    return url.replace('http:', 'https:');
  }

  it.each(['llm.lan', '127.0.0.1'])(
    'accepts the pinned certificate, whoever signed it, and asks for %s',
    async (serverName) => {
      let asked: unknown;
      const url = await secure((request, response) => {
        asked = (request.socket as unknown as { servername: unknown }).servername;
        response.end(`${request.headers.host} ${request.url}`);
      });
      const options = { pin: { serverName, fingerprint }, headers: { host: 'llm.lan' } };
      expect(await get(`${url}/health`, options)).toMatchObject({ ok: true, status: 200, text: 'llm.lan /health' });
      expect(asked).toBe(serverName === 'llm.lan' ? 'llm.lan' : false);
    },
  );

  it('sends nothing to a server with another certificate', async () => {
    let requests = 0;
    const url = await secure(() => {
      requests += 1;
    });
    const pin = { serverName: 'llm.lan', fingerprint: fingerprint.replace(/^../, '00') };
    expect(await get(url, { pin })).toEqual({ ok: false, code: 'ECERT' });
    expect(requests).toBe(0);
  });

  it('reports a closed port, a timeout and an interruption', async () => {
    const pin = { serverName: 'llm.lan', fingerprint };
    expect(await get('https://127.0.0.1:1', { pin })).toEqual({ ok: false, code: 'ECONNREFUSED' });
    const silent = await secure(() => {});
    expect(await get(silent, { pin, timeoutMs: 50 })).toEqual({ ok: false, code: 'ETIMEDOUT' });
    const reason = interruption('SIGINT');
    await expect(get(silent, { pin, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('send', () => {
  it('sends method, headers and body, and returns the response', async () => {
    const url = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.writeHead(201, { 'x-answer': 'yes' });
      response.end(`${request.method} ${request.url} ${request.headers.authorization} ${body}`);
    });
    const options = { method: 'POST', headers: { authorization: 'Bearer k' }, body: 'h\u00e9llo' } as const;
    const result = await get(`${url}/path?a=1`, options);
    expect(result).toMatchObject({ ok: true, status: 201, text: 'POST /path?a=1 Bearer k h\u00e9llo' });
    expect(result.ok && result.headers['x-answer']).toBe('yes');
  });

  it('returns a response with an error status', async () => {
    const url = await serve((_, response) => response.writeHead(503).end('{"db":"disconnected"}'));
    expect(await get(url)).toMatchObject({ ok: true, status: 503, text: '{"db":"disconnected"}' });
  });

  it('joins characters that are split between chunks', async () => {
    const url = await serve((_, response) => {
      const bytes = Buffer.from('\u00e9\u{1f600}');
      // Long enough that they do not come as one.
      response.write(bytes.subarray(0, 1), () => setTimeout(() => response.end(bytes.subarray(1)), 30));
    });
    expect(await get(url)).toMatchObject({ text: '\u00e9\u{1f600}' });
  });

  it('reuses one connection for requests in sequence', async () => {
    const sockets = new Set<unknown>();
    const url = await serve((request, response) => {
      sockets.add(request.socket);
      response.end();
    });
    for (let i = 0; i < 3; i++) await get(url);
    expect(sockets.size).toBe(1);
  });

  it('connects to a Unix socket', async () => {
    const socketPath = join(await temporaryFolder(), 'engine.sock');
    const server = createServer((request, response) => response.end(request.url));
    const url = await listen(server, { path: socketPath });
    expect(await get(`${url}/_ping`, { socketPath })).toMatchObject({ ok: true, status: 200, text: '/_ping' });
  });

  it('returns the code of a refused connection', async () => {
    const server = createServer();
    const url = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await get(url)).toEqual({ ok: false, code: 'ECONNREFUSED' });
  });

  it('returns the code of a missing socket', async () => {
    const socketPath = join(await temporaryFolder(), 'none.sock');
    expect(await get('http://docker/_ping', { socketPath })).toEqual({ ok: false, code: 'ENOENT' });
  });

  it.each([
    ['before the answer', false],
    ['in the middle of it', true],
  ])('returns the code when the server hangs up %s', async (_, midway) => {
    const url = await serve((request, response) => {
      if (midway) response.writeHead(200, { 'content-length': 100 }).write('half', () => request.socket.destroy());
      else request.socket.destroy();
    });
    expect(await get(url)).toEqual({ ok: false, code: 'ECONNRESET' });
  });

  it.each([
    ['silent', false],
    ['slow in the middle', true],
  ])('times out when the server is %s', async (_, midway) => {
    const url = await serve((_request, response) => void (midway && response.write('half')));
    expect(await get(url, { timeoutMs: 50 })).toEqual({ ok: false, code: 'ETIMEDOUT' });
  });

  it.each([
    ['silent', false],
    ['slow in the middle', true],
  ])('rejects with the reason when aborted while the server is %s', async (_, midway) => {
    const controller = new AbortController();
    const reason = interruption('SIGINT');
    const url = await serve((_request, response) => {
      if (midway) response.write('half');
      setImmediate(() => controller.abort(reason));
    });
    await expect(get(url, { signal: controller.signal })).rejects.toBe(reason);
  });

  it('sends nothing when it is aborted beforehand', async () => {
    const reason = interruption('SIGTERM');
    const url = await serve(() => {
      throw new Error('nothing is to come');
    });
    await expect(get(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

it('passes on text in chunks, without splitting characters', async () => {
  const letter = Buffer.from('ü');
  const url = await serve((_, response) => {
    response.write(Buffer.concat([Buffer.from('a'), letter.subarray(0, 1)]));
    setTimeout(() => response.end(letter.subarray(1)), 50);
  });
  const pieces: string[] = [];
  expect(await get(url, { onText: (piece) => pieces.push(piece) })).toMatchObject({ text: 'aü' });
  expect(pieces).toEqual(['a', 'ü']);
});
