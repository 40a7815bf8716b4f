import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { REVERSE_PROXIES } from '../../src/model/stack-spec.ts';
import { composeFile, templatesFolder } from '../../src/package-files.ts';
import { addUpstream } from './support/add-upstream.ts';
import { type Cli, createCli } from './support/cli.ts';
import { docker } from './support/docker.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { nginxImage } from './support/nginx-image.ts';
import { renewCertificate } from './support/renew-certificate.ts';
import { expectTokensBehindNginx } from './support/second-proxy.ts';
import { describeOn, onDocker } from './support/stack-under-test.ts';
import { expectTokensAsTheyCome, streamedChat, tlsClient } from './support/tls-client.ts';
import { startTokenStream, type TokenStream } from './support/token-stream.ts';

const PROJECT = 'e2e-tls';
const HOST = 'llm.test';
const PORT = String(await freePort());
const HTTPS = String(await freePort());
const HTTP = String(await freePort());
const PASSWORD = 'an-e2e-password';
const nginx = onDocker.missing === undefined ? nginxImage('nginx:1.28-alpine') : { missing: onDocker.missing };
const missing = 'missing' in nginx ? nginx.missing : undefined;
if (missing !== undefined && process.env.AGENTS_LLM_E2E === 'required')
  throw new Error(`the tests of TLS cannot run: ${missing}`);

describeOn(onDocker)('the overlay', () => {
  it.each(REVERSE_PROXIES)('of %s is accepted by Compose', (proxy) => {
    const folder = mkdtempSync(join(tmpdir(), 'tls-e2e-'));
    const secrets = 'LITELLM_MASTER_KEY=sk-x\nLITELLM_SALT_KEY=s\nPOSTGRES_PASSWORD=p\nUI_PASSWORD=p\n';
    writeFileSync(
      join(folder, '.env'),
      `${secrets}LITELLM_TLS_HTTPS_PORT=8443\nLITELLM_PUBLIC_URL=https://llm.test:8443\n`,
    );
    const files = ['-f', composeFile(), '-f', join(templatesFolder(), `compose.${proxy}.yml`)];
    const text = docker('compose', '-p', 'x', '--project-directory', folder, ...files, 'config', '--format', 'json');
    rmSync(folder, { recursive: true });
    const { services } = JSON.parse(text);
    expect(services['litellm-tls']).toMatchObject({
      ports: [
        { published: '8443', target: 8443 },
        { published: '80', target: 8080 },
      ],
      volumes: [{ source: join(folder, 'tls'), target: '/etc/agents-llm', read_only: true }],
      depends_on: { litellm: { condition: 'service_started' } },
    });
    expect(services.litellm.environment.PROXY_BASE_URL).toBe('https://llm.test:8443');
    expect(services.litellm.environment.STORE_MODEL_IN_DB).toBe('True');
  });
});

// The tests build on each other: each one uses the stack from the previous one.
describeOn({ missing })('a stack behind Nginx with TLS', () => {
  let cli: Cli;
  let before: ReturnType<typeof snapshot>;
  let stream: TokenStream;
  let own: string;
  const run = (...args: string[]) => cli.run(['-p', PROJECT, ...args]);
  const folder = () => join(cli.home, PROJECT, 'tls');
  const certificate = () => readFileSync(join(folder(), 'cert.pem'), 'utf8');

  const { ask, served } = tlsClient({ host: HOST, port: HTTPS, certificate });

  beforeAll(async () => {
    onDocker.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(onDocker);
    stream = await startTokenStream();
    own = mkdtempSync(join(tmpdir(), 'tls-e2e-'));
  });

  afterAll(async () => {
    const secrets = existsSync(join(cli.home, PROJECT, '.env')) ? cli.secretsOf(PROJECT) : {};
    const seen = cli.everythingSeen();
    await stream.close();
    onDocker.remove(cli, PROJECT);
    cli.dispose();
    rmSync(own, { recursive: true });
    expectNoLeaks(before);
    for (const [name, value] of Object.entries(secrets)) {
      if (value.length > 6) expect(seen.includes(value), `${name} was shown`).toBe(false);
    }
    expect(seen).not.toContain('PRIVATE KEY');
  });

  it('refuses to open the UI to the network with a well-known login', async () => {
    const args = ['-p', PROJECT, 'up', '--tls', 'nginx', '--host', HOST, '--self-signed', '--json'];
    const up = await cli.run(args, { UI_PASSWORD: 'admin' });
    expect([up.code, up.json.error.code]).toEqual([2, 'bind_needs_password']);
  });

  it('starts and publishes only the reverse proxy beyond loopback', async () => {
    const image = 'image' in nginx ? nginx.image : '';
    const ports = ['--port', PORT, '--https-port', HTTPS, '--http-port', HTTP];
    const up = await cli.run(
      [
        ...['-p', PROJECT, 'up', '--tls', 'nginx', '--host', HOST, '--self-signed', ...ports],
        ...['--tls-image', image, '--ui-password', 'env:LOGIN', '--json'],
      ],
      { LOGIN: PASSWORD },
    );
    expect(up.json).toMatchObject({
      ok: true,
      data: {
        url: `https://${HOST}:${HTTPS}`,
        localUrl: `http://127.0.0.1:${PORT}`,
        tls: { proxy: 'nginx', host: HOST, selfSigned: true, certificate: join(folder(), 'cert.pem') },
      },
    });
    expect(statSync(join(folder(), 'key.pem')).mode & 0o777).toBe(0o600);
    const bindings = (service: string) =>
      JSON.parse(docker('inspect', `${PROJECT}-${service}-1`))[0].HostConfig.PortBindings;
    expect(bindings('litellm-db')).toEqual({});
    expect(bindings('litellm')).toEqual({ '4000/tcp': [{ HostIp: '127.0.0.1', HostPort: PORT }] });
    expect(bindings('litellm-tls')).toEqual({
      '8443/tcp': [{ HostIp: '0.0.0.0', HostPort: HTTPS }],
      '8080/tcp': [{ HostIp: '0.0.0.0', HostPort: HTTP }],
    });
  });

  it('answers clients that trust the certificate, with HSTS, and redirects plain HTTP', async () => {
    const answer = await ask('/health/readiness');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
    expect(JSON.parse(await text(answer))).toMatchObject({ db: 'connected' });
    await expect(ask('/', { servername: 'other.test', headers: { host: 'other.test' } })).rejects.toThrow(/altnames/);
    const plain = await fetch(`http://127.0.0.1:${HTTP}/v1/models?a=1`, { method: 'POST', redirect: 'manual' });
    expect([plain.status, plain.headers.get('location')]).toEqual([308, `https://${HOST}:${HTTPS}/v1/models?a=1`]);
  });

  it('serves the UI and redirects to it under its own name', async () => {
    const ui = await run('ui', '--json');
    expect(ui.json.data.url).toBe(`https://${HOST}:${HTTPS}/ui/`);
    const page = await ask('/ui/');
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, expect.stringContaining('text/html')]);
    const [script] = /\/[^"]+\.js/.exec(await text(page)) ?? [];
    expect((await ask(script ?? '/none')).statusCode).toBe(200);
    const login = JSON.stringify({ username: 'admin', password: PASSWORD });
    const headers = { 'content-type': 'application/json', origin: `https://${HOST}:${HTTPS}` };
    const answer = await ask('/v2/login', { method: 'POST', headers }, login);
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(await text(answer)).redirect_url).toBe(`https://${HOST}:${HTTPS}/ui?login=success`);
    // Without a slash it redirects, but must not redirect to plain HTTP on this port.
    const next = await ask('/ui?login=success');
    expect([next.statusCode, next.headers.location]).toEqual([307, `https://${HOST}:${HTTPS}/ui/?login=success`]);
  });

  it('accepts configuration by the commands', async () => {
    await addUpstream(cli, PROJECT, stream);
    const status = await run('status', '--json');
    expect([status.code, status.json.data.url]).toEqual([0, `https://${HOST}:${HTTPS}`]);
    expect(status.json.data.services.map(({ service }: { service: string }) => service)).toEqual([
      'litellm-db',
      'litellm',
      'litellm-tls',
    ]);
  });

  it('streams tokens without buffering', async () => {
    const { body, ...options } = streamedChat(cli.secretsOf(PROJECT).LITELLM_MASTER_KEY ?? '');
    const answer = await ask('/v1/chat/completions', options, body);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      200,
      expect.stringContaining('text/event-stream'),
    ]);
    await expectTokensAsTheyCome(answer, stream);
  });

  it('streams tokens without buffering behind another Nginx, which buffers', async () => {
    const chat = streamedChat(cli.secretsOf(PROJECT).LITELLM_MASTER_KEY ?? '');
    await expectTokensBehindNginx('image' in nginx ? nginx.image : '', PROJECT, { chat, stream });
  });

  it('changes nothing and calls no docker when it is already up', async () => {
    const calls = () => cli.everythingSeen().match(/^docker /gm)?.length;
    const callsBefore = calls();
    expect((await run('up', '--json')).json.data).toMatchObject({
      change: 'unchanged',
      url: `https://${HOST}:${HTTPS}`,
    });
    expect(calls()).toBe(callsBefore);
  });

  it('finds LiteLLM again when its container is recreated', async () => {
    expect((await run('restart', 'litellm')).code).toBe(0);
    expect((await ask('/health/readiness')).statusCode).toBe(200);
  });

  it('is not ready while the reverse proxy is stopped', async () => {
    docker('stop', `${PROJECT}-litellm-tls-1`);
    const status = await run('status', '--json');
    expect(status.code).toBe(7);
    expect(status.json.data).toMatchObject({
      state: 'unhealthy',
      reason: expect.stringContaining('litellm-tls exited'),
    });
    expect((await run('up', '--json')).json.data).toMatchObject({ change: 'started' });
    expect((await run('status')).code).toBe(0);
  });

  it('uses a given certificate and its renewed version', async () => {
    const [cert, key] = [join(own, 'cert.pem'), join(own, 'key.pem')];
    const renew = () => renewCertificate(HOST, { cert, key });
    const first = await renew();
    const up = await run('up', '--tls-cert', cert, '--tls-key', key, '--json');
    expect(up.json.data).toMatchObject({ change: 'started', tls: { selfSigned: false } });
    expect(await served()).toBe(first);
    const second = await renew();
    expect((await run('up', '--json')).json.data.change).toBe('started');
    expect(await served()).toBe(second);
  });

  it('rejects a certificate for another name and leaves the running stack unchanged', async () => {
    const up = await run('up', '--host', 'other.test', '--json');
    expect([up.code, up.json.error.code]).toEqual([2, 'certificate_other_host']);
    expect((await run('status')).code).toBe(0);
  });

  it('survives new containers, including the reverse proxy', async () => {
    const id = docker('inspect', '-f', '{{.Id}}', `${PROJECT}-litellm-tls-1`);
    expect((await run('verify-persistence')).code).toBe(0);
    expect(docker('inspect', '-f', '{{.Id}}', `${PROJECT}-litellm-tls-1`)).not.toBe(id);
  });

  it('can return to plain HTTP', async () => {
    const up = await run('up', '--tls', 'off', '--json');
    expect(up.json.data).toMatchObject({ change: 'started', url: `http://127.0.0.1:${PORT}`, tls: null });
    expect(docker('ps', '-aq', '--filter', `name=${PROJECT}-litellm-tls`)).toBe('');
    expect((await run('status')).code).toBe(0);
  });

  it('is stopped and deleted with its reverse proxy', async () => {
    expect(
      (
        await run(
          'up',
          '--tls',
          'nginx',
          '--host',
          HOST,
          '--self-signed',
          '--https-port',
          HTTPS,
          '--http-port',
          HTTP,
          '--tls-image',
          'image' in nginx ? nginx.image : '',
        )
      ).code,
    ).toBe(0);
    expect((await run('down', '--json')).json.data.stopped).toContain('litellm-tls');
    const gone = await run('down', '--volumes', '--force', '--no-backup', '--json');
    expect(gone.json.data.deleted.containers).toContain(`${PROJECT}-litellm-tls-1`);
    expect(existsSync(folder())).toBe(false);
  });
});
