import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { addUpstream } from './support/add-upstream.ts';
import { type Cli, createCli } from './support/cli.ts';
import { docker } from './support/docker.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { nginxImage } from './support/nginx-image.ts';
import { renewCertificate } from './support/renew-certificate.ts';
import { expectTokensBehindNginx } from './support/second-proxy.ts';
import { describeOn, onDocker } from './support/stack-under-test.ts';
import { expectTokensAsTheyCome, streamedChat, type TlsClient, tlsClient } from './support/tls-client.ts';
import { startTokenStream, type TokenStream } from './support/token-stream.ts';

const PROJECT = 'e2e-traefik';
const HOST = 'llm.test';
const image = process.env.AGENTS_LLM_TEST_TRAEFIK;

const missing = image ? undefined : 'AGENTS_LLM_TEST_TRAEFIK names no image of Traefik';

// The tests build on each other: each one uses the stack from the previous one.
describeOn(onDocker, { missing })('a stack behind Traefik with TLS', () => {
  let cli: Cli;
  let before: ReturnType<typeof snapshot>;
  let stream: TokenStream;
  let own: string;
  let [port, https, http] = ['', '', ''];
  let client: TlsClient;
  const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args]);
  const folder = () => join(cli.home, PROJECT, 'tls');
  const certificate = () => readFileSync(join(folder(), 'cert.pem'), 'utf8');
  const container = `${PROJECT}-litellm-tls-1`;
  const chat = () => streamedChat(cli.secretsOf(PROJECT).LITELLM_MASTER_KEY ?? '');
  /** In plain HTTP, for any host. */
  const askPlainly = (method: string, path: string, host: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const call = request({ host: '127.0.0.1', port: http, method, path, headers: { host }, agent: false }, resolve);
      call.on('error', reject);
      call.end();
    });
  const nginx = () => {
    const found = nginxImage('nginx:1.28-alpine');
    expect(found).toHaveProperty('image');
    return 'image' in found ? found.image : '';
  };

  beforeAll(async () => {
    onDocker.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(onDocker);
    stream = await startTokenStream();
    own = mkdtempSync(join(tmpdir(), 'traefik-e2e-'));
    [port, https, http] = [String(await freePort()), String(await freePort()), String(await freePort())];
    client = tlsClient({ host: HOST, port: https, certificate });
  });

  afterAll(async () => {
    await stream.close();
    onDocker.remove(cli, PROJECT);
    cli.dispose();
    rmSync(own, { recursive: true });
    expectNoLeaks(before);
  });

  it('starts and answers clients that trust the certificate, with HSTS', async () => {
    const ports = ['--port', port, '--https-port', https, '--http-port', http];
    const tls = ['--tls', 'traefik', '--tls-image', image ?? '', '--host', HOST, '--self-signed', ...ports];
    const up = await cli.run(['-p', PROJECT, 'up', ...tls, '--ui-password', 'env:LOGIN', '--json'], {
      LOGIN: 'an-e2e-password',
    });
    expect(up.json).toMatchObject({ ok: true, data: { url: `https://${HOST}:${https}`, tls: { proxy: 'traefik' } } });
    const answer = await client.ask('/health/readiness');
    expect([answer.statusCode, answer.headers['strict-transport-security']]).toEqual([200, 'max-age=31536000']);
    expect(JSON.parse(await text(answer))).toMatchObject({ db: 'connected' });
    await expect(client.ask('/', { servername: 'other.test', headers: { host: 'other.test' } })).rejects.toThrow(
      /altnames/,
    );
  });

  it('speaks HTTP/2', async () => {
    const session = connect(`https://127.0.0.1:${https}`, { ca: certificate(), servername: HOST });
    const call = session.request({ ':path': '/health/readiness', ':authority': `${HOST}:${https}` });
    const status = await new Promise((resolve, reject) => {
      call.on('response', (headers) => resolve(headers[':status']));
      call.on('error', reject);
    });
    expect([status, JSON.parse(await text(call))]).toEqual([200, expect.objectContaining({ db: 'connected' })]);
    session.close();
  });

  it('redirects plain HTTP to its own address, whatever host the client sends', async () => {
    for (const host of ['evil.test', `evil.test:${http}`, `${HOST}:${http}`]) {
      const get = await askPlainly('GET', '/ui/?a=1', host);
      expect([get.statusCode, get.headers.location]).toEqual([301, `https://${HOST}:${https}/ui/?a=1`]);
    }
    const post = await askPlainly('POST', '/v1/models', 'evil.test');
    expect([post.statusCode, post.headers.location]).toEqual([308, `https://${HOST}:${https}/v1/models`]);
  });

  it('serves the UI and redirects to it under its own name', async () => {
    const page = await client.ask('/ui/');
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, expect.stringContaining('text/html')]);
    const next = await client.ask('/ui?login=success');
    expect([next.statusCode, next.headers.location]).toEqual([307, `https://${HOST}:${https}/ui/?login=success`]);
  });

  it('streams tokens without buffering', async () => {
    await addUpstream(cli, PROJECT, stream);
    const { body, ...options } = chat();
    await expectTokensAsTheyCome(await client.ask('/v1/chat/completions', options, body), stream);
  });

  it('streams tokens without buffering behind an Nginx, which buffers', async () => {
    await expectTokensBehindNginx(nginx(), PROJECT, { chat: chat(), stream });
  });

  it('serves a certificate again after its renewal', async () => {
    const [cert, key] = [join(own, 'cert.pem'), join(own, 'key.pem')];
    const renew = () => renewCertificate(HOST, { cert, key });
    const first = await renew();
    expect((await run('up', '--tls-cert', cert, '--tls-key', key)).code).toBe(0);
    expect(await client.served()).toBe(first);
    const second = await renew();
    expect((await run('up', '--json')).json.data.change).toBe('started');
    expect(await client.served()).toBe(second);
  });

  it('logs neither a warning nor an error', () => {
    const log = docker('logs', container);
    expect(log).not.toMatch(/No domain found in rule/);
    expect(log).not.toMatch(/level=(?:warn|error)|\b(?:WRN|ERR)\b/);
  });

  it('leaves no settings behind when it switches to Nginx and back', async () => {
    expect(readdirSync(folder()).sort()).toEqual(['cert.pem', 'key.pem', 'traefik.yml']);
    expect((await run('up', '--tls', 'nginx', '--tls-image', nginx())).code).toBe(0);
    expect(readdirSync(folder()).sort()).toEqual(['cert.pem', 'key.pem', 'nginx.conf']);
    expect((await client.ask('/health/readiness')).statusCode).toBe(200);
    expect((await run('up', '--tls', 'traefik', '--tls-image', image ?? '')).code).toBe(0);
    expect(readdirSync(folder()).sort()).toEqual(['cert.pem', 'key.pem', 'traefik.yml']);
    expect((await client.ask('/health/readiness')).statusCode).toBe(200);
  });

  it('is deleted with its reverse proxy', async () => {
    const gone = await run('down', '--volumes', '--force', '--no-backup', '--json');
    expect(gone.json.data.deleted.containers).toContain(container);
    expect(existsSync(folder())).toBe(false);
  });
});
