import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Connection, PeerCheck } from '../../../../src/io/network/connection.ts';
import { systemHttp } from '../../../../src/io/network/http.ts';
import { remoteHttp } from '../../../../src/io/network/remote-http.ts';
import { CliError, interruption } from '../../../../src/model/errors.ts';
import { caught } from '../../../support/caught.ts';

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** Answers each request by itself, and keeps all that it is sent. */
async function server(onConnection: (socket: Socket) => void = () => undefined) {
  const seen = { text: '', connections: 0 };
  const listening = createServer((socket) => {
    seen.connections += 1;
    socket
      .on('error', () => undefined)
      .on('data', (data) => {
        seen.text += data;
        socket.write(ANSWER);
      });
    onConnection(socket);
  }).listen({ host: '127.0.0.1', port: 0 });
  await once(listening, 'listening');
  onTestFinished(() => void listening.close());
  return { seen, url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}` };
}

const get = (url: string, peer: PeerCheck, more = {}) =>
  systemHttp().send({ method: 'GET', url, peer, headers: { authorization: 'Bearer sk' }, timeoutMs: 5000, ...more });
const refusal = new CliError('port_taken', 'it is taken');

describe('a connection with a peer check', () => {
  it('sends nothing before the check has passed, and then reuses the connection', async () => {
    const { seen, url } = await server();
    const checked: (Connection & { readonly before: string })[] = [];
    const peer: PeerCheck = {
      async check(connection) {
        await new Promise((resolve) => setTimeout(resolve, 30));
        checked.push({ ...connection, before: seen.text });
      },
    };
    const http = systemHttp();
    for (let i = 0; i < 3; i += 1) {
      expect(await http.send({ method: 'GET', url, peer, timeoutMs: 5000 })).toMatchObject({ ok: true, text: 'ok' });
    }
    expect(checked).toMatchObject([
      {
        before: '',
        remote: { address: '127.0.0.1', port: Number(new URL(url).port) },
        local: { address: '127.0.0.1' },
      },
    ]);
    expect(seen.connections).toBe(1);
  });

  it('does not reuse a connection that another check has approved', async () => {
    const { seen, url } = await server();
    const http = systemHttp();
    const send = (peer?: PeerCheck) => http.send({ method: 'GET', url, timeoutMs: 5000, ...(peer && { peer }) });
    await send();
    await send({ check: async () => undefined });
    expect(await caught(() => send({ check: () => Promise.reject(refusal) }))).toBe(refusal);
    expect(seen.connections).toBe(3);
  });

  it('sends nothing when the check fails', async () => {
    const { seen, url } = await server();
    expect(await caught(() => get(url, { check: () => Promise.reject(refusal) }))).toBe(refusal);
    const gone = Object.assign(new Error('gone'), { code: 'ECONNRESET' });
    expect(await get(url, { check: () => Promise.reject(gone) })).toEqual({ ok: false, code: 'ECONNRESET' });
    expect(seen.text).toBe('');
  });

  it.each(['destroy', 'end'] as const)(
    'reports ECONNRESET when the server closes during the check (%s)',
    async (how) => {
      const { url } = await server((socket) => socket[how]());
      const aborted: unknown[] = [];
      const check: PeerCheck['check'] = async (connection, signal) => {
        signal.addEventListener('abort', () => aborted.push(connection.isClosed()));
        await new Promise((resolve) => setTimeout(resolve, 100));
      };
      expect(await get(url, { check })).toEqual({ ok: false, code: 'ECONNRESET' });
      expect(aborted).toEqual([true]);
    },
  );

  it('does not check a refused connection', async () => {
    const check = () => Promise.reject(new Error('unexpected check'));
    expect(await get('http://127.0.0.1:1', { check })).toEqual({ ok: false, code: 'ECONNREFUSED' });
  });

  it('ends the check when the request times out or is aborted', async () => {
    const { seen, url } = await server();
    let ended: AbortSignal | undefined;
    const peer: PeerCheck = {
      check: (_, signal) => {
        ended = signal;
        return new Promise(() => {});
      },
    };
    expect(await get(url, peer, { timeoutMs: 50 })).toEqual({ ok: false, code: 'ETIMEDOUT' });
    expect(ended?.aborted).toBe(true);
    const stop = new AbortController();
    const reason = interruption('SIGINT');
    setTimeout(() => stop.abort(reason), 20);
    expect(await caught(() => get(url, peer, { signal: stop.signal }))).toBe(reason);
    expect(seen.text).toBe('');
  });

  it('never uses an HTTP proxy for a checked connection, whatever its address', async () => {
    const asked: unknown[] = [];
    const local = {
      async send(request: unknown) {
        asked.push(request);
        return { ok: false as const, code: 'E' };
      },
    };
    const peer = { check: async () => undefined };
    const request = { method: 'GET', url: 'http://10.0.0.5:4000', peer, timeoutMs: 5 } as const;
    await remoteHttp({ http_proxy: 'http://proxy:3128' }, local).send(request);
    expect(asked).toEqual([request]);
  });
});
