import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { type Authority, makeAuthority } from '../support/authority.ts';
import { itUnless } from '../support/skipping.ts';
import { callbacksImage } from './support/callbacks-image.ts';
import { type Cli, createCli } from './support/cli.ts';
import { type ForwardProxy, LOGIN, startForwardProxy } from './support/forward-proxy.ts';
import { startGrpcReceiver } from './support/grpc-receiver.ts';
import { environmentInGateway } from './support/inside-gateway.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { postgresPrograms } from './support/postgres-server.ts';
import { describeOnEach, onNative, runtimes } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROJECT = 'e2e-networks';
const PORT = String(await freePort());
/** A host that is not in DNS, so it is reachable only through the forward proxy. */
const HOST = 'llm.corp.test';
const KEY = { MY_KEY: 'sk-e2e-network-key' };
const FILE = `
name: e2e
providers:
  corp: {provider: openai, api_key_env: MY_KEY, api_base: "https://${HOST}/v1"}
aliases:
  far: {target: openai/gpt-4o, provider: corp}
`;

/** Behind an HTTP proxy that decrypts TLS: the tests build on each other. */
describeOnEach(runtimes)('a stack behind a company proxy', (stack) => {
  const isDocker = stack.runtime === 'docker';
  let cli: Cli;
  let folder: string;
  let upstream: Upstream;
  let proxy: ForwardProxy;
  let authority: Authority;
  let before: ReturnType<typeof snapshot>;
  const run = (args: readonly string[], env: Record<string, string> = {}) =>
    cli.run(['-p', PROJECT, ...args, ...(args[0] === 'up' ? ['--timeout', '15m'] : [])], { ...KEY, ...env }, folder);
  const inGateway = () => environmentInGateway(stack, cli, PROJECT);
  const hosts = async () => {
    const { json } = await run(['doctor', '--online', '--json'], { AGENTS_LLM_OSV_URL: 'http://127.0.0.1:1' });
    const checks: readonly { readonly id: string }[] = json.data.checks;
    return checks.find(({ id }) => id === 'provider-hosts');
  };
  /** As it is set where people work, and with the port of this machine. */
  const ofUser = () => ({ HTTPS_PROXY: `http://${LOGIN.user}:${LOGIN.password}@127.0.0.1:${proxy.port}` });

  beforeAll(async () => {
    stack.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(stack);
    folder = mkdtempSync(join(tmpdir(), 'agents-llm-networks-'));
    authority = await makeAuthority('Corp Root');
    writeFileSync(join(folder, 'corp.pem'), authority.pem);
    writeFileSync(join(folder, 'agents-llm.yaml'), FILE);
    upstream = await startUpstream(stack, await authority.issue(HOST));
    proxy = await startForwardProxy(stack, upstream);
  });

  afterAll(async () => {
    stack.remove(cli, PROJECT);
    cli.dispose();
    await proxy.close();
    await upstream.close();
    rmSync(folder, { recursive: true, force: true });
    expectNoLeaks(before);
  });

  it('starts with the proxies of Docker and sends no local requests through them', async () => {
    const config = join(folder, 'docker');
    mkdirSync(config);
    const proxies = { default: { httpProxy: proxy.url, httpsProxy: proxy.url, noProxy: '.corp.example' } };
    writeFileSync(join(config, 'config.json'), JSON.stringify({ proxies }));
    const image = isDocker ? ['--image', callbacksImage()] : [];
    const up = await run(
      ['up', '--port', PORT, ...image, '--no-apply', '--json'],
      isDocker ? { DOCKER_CONFIG: config } : {},
    );
    expect(up).toMatchObject({ code: 0, json: { data: { change: 'started' } } });
    expect(proxy.asked).toEqual([]);
    if (isDocker) expect(inGateway()).toMatchObject({ NO_PROXY: expect.stringContaining('.corp.example,localhost') });
  });

  it('reaches the provider through the proxy and reports an untrusted certificate', async () => {
    const up = await run(['up', '--proxy-from-env', '--json'], ofUser());
    expect(up.code).toBe(8);
    expect(up.json.error).toMatchObject({
      message: expect.stringContaining('Connection error'),
      hint: expect.stringMatching(/agents-llm -p e2e-networks (up --ca FILE|doctor --online)/),
    });
    expect((await run(['apply', '--no-check'])).code).toBe(0);
    expect(await hosts()).toMatchObject({
      status: 'fail',
      seen: expect.stringContaining(`does not trust the certificate of ${HOST} through the HTTP proxy`),
      fix: "Give the gateway your company's certificate authority: agents-llm -p e2e-networks up --ca FILE",
    });
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${HOST}:443`]));
  });

  it('uses the company certificate authority, also in a shell without the proxy', async () => {
    const up = await run(['up', '--ca', 'corp.pem', '--json']);
    expect(up).toMatchObject({ code: 0, json: { data: { change: 'started' } } });
    const chat = await run(['chat', 'far', 'Say hello']);
    expect(chat.code).toBe(0);
    expect(upstream.seen.at(-1)).toEqual({ key: KEY.MY_KEY, model: 'gpt-4o' });
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${HOST}:443`]));
    expect(await hosts()).toMatchObject({ status: 'ok', seen: `The gateway reaches ${HOST}` });
    expect((await run(['up', '--json'])).json.data.change).toBe('unchanged');
    expect(cli.everythingSeen()).not.toContain(LOGIN.password);
  });

  itUnless(onNative.missing)(
    'sends its traces by gRPC to a collector with a certificate of that authority',
    async () => {
      const host = isDocker ? stack.host : 'localhost';
      const { python } = await postgresPrograms(cli);
      const receiver = await startGrpcReceiver(python, await authority.issue(host));
      try {
        const sent = `env: {OTEL_EXPORTER: otlp_grpc, OTEL_ENDPOINT: "https://${host}:${receiver.port}"}
litellm: {litellm_settings: {callbacks: [otel]}}\n`;
        writeFileSync(join(folder, 'agents-llm.yaml'), `${FILE}${sent}`);
        expect(await run(['up', '--json'])).toMatchObject({ code: 0, json: { data: { change: 'started' } } });
        expect((await run(['chat', 'far', 'Say hello by gRPC'])).code).toBe(0);
        const bodies = () => receiver.calls.map(({ body }) => body).join('');
        await expect.poll(bodies, { timeout: 60_000, interval: 500 }).toContain('Say hello by gRPC');
        expect(receiver.calls[0]?.method).toBe('/opentelemetry.proto.collector.trace.v1.TraceService/Export');
        expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${HOST}:443`]));
      } finally {
        await receiver.close();
        writeFileSync(join(folder, 'agents-llm.yaml'), FILE);
      }
    },
  );

  it('returns to a direct connection', async () => {
    const up = await run(['up', '--no-proxy-from-env', '--ca', 'off', '--no-apply', '--json']);
    expect(up).toMatchObject({ code: 0, json: { data: { change: 'started' } } });
    const given = inGateway();
    for (const name of ['HTTPS_PROXY', 'https_proxy', 'SSL_CERT_FILE']) expect(given).not.toHaveProperty(name);
  });
});
