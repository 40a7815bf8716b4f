import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemHttp } from '../../../../src/io/network/http.ts';
import { isLoopback, remoteHttp } from '../../../../src/io/network/remote-http.ts';
import { interruption } from '../../../../src/model/errors.ts';
import { caught } from '../../../support/caught.ts';
import { listen, proxyTo } from '../../../support/http-proxy.ts';

/** A LiteLLM, and a proxy that leads every host to it. */
async function behindProxy() {
  const upstream = await listen(createServer((_, response) => response.end('from upstream')));
  const { url: proxy, asked } = await proxyTo(upstream);
  return { asked, upstream, proxy };
}

const get = (env: Record<string, string>, url: string) =>
  remoteHttp(env, systemHttp()).send({ method: 'GET', url, timeoutMs: 10_000 });

describe('remoteHttp', () => {
  it.each(['HTTP_PROXY', 'http_proxy'])('connects to another machine through %s', async (name) => {
    const { asked, proxy } = await behindProxy();
    expect(await get({ [name]: proxy }, 'http://litellm.invalid/health')).toMatchObject({ ok: true, status: 200 });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('litellm.invalid');
  });

  it.each(['NO_PROXY', 'no_proxy'])('connects directly when %s names the host', async (name) => {
    const { asked, proxy } = await behindProxy();
    const env = { HTTP_PROXY: proxy, [name]: 'other.example,litellm.invalid' };
    expect(await get(env, 'http://litellm.invalid/')).toEqual({ ok: false, code: expect.stringMatching(/^E/) });
    expect(asked).toEqual([]);
  });

  it.each(['127.0.0.1', 'localhost'])('never uses a proxy for %s', async (host) => {
    const { asked, upstream, proxy } = await behindProxy();
    const env = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy };
    expect(await get(env, `http://${host}:${upstream}/`)).toMatchObject({ text: 'from upstream' });
    // No TLS there: the answer is a failure, which is enough to see where it went.
    expect(await get(env, `https://${host}:${upstream}/`)).toMatchObject({ ok: false });
    expect(asked).toEqual([]);
  });

  it('accepts a proxy address without a scheme', async () => {
    const { asked, proxy } = await behindProxy();
    const env = { HTTP_PROXY: proxy.replace('http://', '') };
    expect(await get(env, 'http://litellm.invalid/')).toMatchObject({ ok: true, status: 200 });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['HTTP_PROXY', 'http://me:a word@proxy.corp:x'],
    ['https_proxy', 'ftp://me:pass@proxy.corp'],
    ['HTTPS_PROXY', 'http://me:pass%zz@proxy.corp'],
  ])('reports an invalid address in %s without its password', async (name, value) => {
    const error = await caught(() => get({ [name]: value }, 'http://litellm.invalid/'));
    expect(error).toMatchObject({ code: 'usage', exitCode: 2, message: `${name} is not a valid proxy address` });
    expect(error.hint).toContain('http://HOST:PORT');
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toMatch(/pass%|:pass|a word/);
  });

  it('uses no proxy when the variable is empty', async () => {
    const { asked, proxy } = await behindProxy();
    const env = { http_proxy: '', HTTP_PROXY: proxy };
    expect(await get(env, 'http://litellm.invalid/')).toMatchObject({ ok: false });
    expect(asked).toEqual([]);
  });

  describe('a failing HTTP proxy', () => {
    /** Takes connections, and does this with each at the first that it reads. */
    async function proxyThat(does: (socket: Socket) => void) {
      const sockets: Socket[] = [];
      const server = createTcpServer((socket) => {
        sockets.push(socket.on('error', () => undefined));
        socket.once('data', () => does(socket));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => {
        for (const socket of sockets) socket.destroy();
        server.close();
      });
      return { env: { HTTP_PROXY: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, sockets };
    }

    it.each(['http', 'https'])('asks a proxy once that hangs up on CONNECT to %s', async (scheme) => {
      const { env, sockets } = await proxyThat((socket) => socket.end());
      const both = { ...env, HTTPS_PROXY: env.HTTP_PROXY };
      expect(await get(both, `${scheme}://litellm.invalid/`)).toEqual({ ok: false, code: 'ECONNRESET' });
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(sockets).toHaveLength(1);
    });

    it('times out when a proxy does not answer CONNECT', async () => {
      const { env } = await proxyThat(() => undefined);
      const send = remoteHttp(env, systemHttp()).send({
        method: 'GET',
        url: 'http://litellm.invalid/',
        timeoutMs: 100,
      });
      expect(await send).toEqual({ ok: false, code: 'ETIMEDOUT' });
    });

    it('leaves a proxy at once when the command is stopped', async () => {
      const controller = new AbortController();
      const reason = interruption('SIGINT');
      const { env, sockets } = await proxyThat(() => controller.abort(reason));
      const { signal } = controller;
      const sent = remoteHttp(env, systemHttp()).send({
        ...{ method: 'GET', url: 'http://litellm.invalid/', timeoutMs: 60_000 },
        signal,
      });
      await expect(sent).rejects.toBe(reason);
      await expect.poll(() => sockets.every(({ closed }) => closed)).toBe(true);
    });
  });

  it('reports a proxy that cannot be reached', async () => {
    expect(await get({ HTTP_PROXY: 'http://127.0.0.1:1' }, 'http://litellm.invalid/')).toEqual({
      ok: false,
      code: 'ECONNREFUSED',
    });
  });
});

it.each([
  ['http://localhost:4000', true],
  ['http://litellm.localhost', true],
  ['http://127.9.9.9', true],
  ['http://[::1]:4000', true],
  ['http://127.0.0.1.example.org', false],
  ['http://10.0.0.1', false],
])('isLoopback of %s is %s', (url, is) => {
  expect(isLoopback(url)).toBe(is);
});
