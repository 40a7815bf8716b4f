import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseHost } from '../../../../src/cli/tls-flags.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import { publicUrl, type StackSpec } from '../../../../src/model/stack-spec.ts';
import type { Runtime } from '../../../../src/runtime/runtime.ts';
import { type PlannedTls, planTls } from '../../../../src/stack/tls/plan-tls.ts';
import { selfSigned } from '../../../../src/stack/tls/self-signed.ts';
import { writeTlsFiles } from '../../../../src/stack/tls/tls-files.ts';
import type { TlsFlags } from '../../../../src/stack/tls/tls-flags.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { fakeRuntime } from '../../../support/fake-runtime.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const recorded = (name: string) => readFileSync(new URL(`../../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');

const plain: StackSpec = { project: 'agents-llm', bind: '0.0.0.0', port: 4000, image: 'l:1', databaseImage: 'p:1' };
const nginx: TlsFlags = { tls: 'nginx', host: 'llm.lan', selfSigned: true };
const NOW = fakeInvocation({ home: '/', env: {} }).context.clock.now();

async function setUp({ env = {}, runtime = fakeRuntime() }: { env?: Record<string, string>; runtime?: Runtime } = {}) {
  const home = await temporaryFolder();
  const invocation = fakeInvocation({ home, env: { AGENTS_LLM_HOME: home, ...env } });
  const folder = join(home, 'agents-llm', 'tls');
  const plan = (flags: Parameters<typeof planTls>[0], spec = plain) => planTls(flags, invocation, runtime, spec);
  const pair = async (name: string, host = 'llm.lan') => {
    const made = await selfSigned(host, NOW, Buffer.alloc(16, 1));
    writeFileSync(join(home, `${name}.pem`), made.certificate);
    writeFileSync(join(home, `${name}.key`), made.key);
  };
  const write = (planned: PlannedTls) => {
    mkdirSync(join(home, 'agents-llm'), { recursive: true });
    return writeTlsFiles(invocation, planned.tlsFiles);
  };
  return { home, folder, plan, pair, write };
}

describe('planTls', () => {
  it('leaves a stack without TLS unchanged and removes TLS with off', async () => {
    const { plan } = await setUp();
    expect(await plan({})).toEqual({ spec: plain, tlsFiles: {} });
    const { spec } = await plan(nginx);
    expect(await plan({ tls: 'off' }, spec)).toEqual({ spec: { ...plain, bind: '127.0.0.1' }, tlsFiles: {} });
  });

  it('publishes only the reverse proxy, on the usual ports', async () => {
    const { plan } = await setUp();
    const { spec, tlsFiles } = await plan(nginx);
    expect(spec).toMatchObject({
      bind: '127.0.0.1',
      port: 4000,
      tls: {
        proxy: 'nginx',
        host: 'llm.lan',
        bind: '0.0.0.0',
        httpsPort: 443,
        httpPort: 80,
        image: 'nginx:1.28-alpine',
      },
    });
    expect(publicUrl(spec)).toBe('https://llm.lan');
    expect(Object.keys(tlsFiles)).toEqual(['cert.pem', 'key.pem', 'nginx.conf']);
    expect(tlsFiles['nginx.conf']).toContain('return 308 https://llm.lan$request_uri;');
  });

  it('uses the given address, ports and image', async () => {
    const { plan } = await setUp({ env: { AGENTS_LLM_BIND: '10.0.0.5' } });
    const ports = { httpsPort: 8443, httpPort: 8080, tlsImage: 'mine:1' };
    const { spec, tlsFiles } = await plan({ ...nginx, ...ports, tls: 'traefik' });
    expect(spec.tls).toMatchObject({ bind: '10.0.0.5', httpsPort: 8443, httpPort: 8080, image: 'mine:1' });
    expect(publicUrl(spec)).toBe('https://llm.lan:8443');
    expect(tlsFiles['traefik.yml']).toMatch(/replacement: "https:\/\/llm\.lan:8443\$\{1\}"/);
    expect((await plan({ ...nginx, bind: '127.0.0.1' })).spec.tls?.bind).toBe('127.0.0.1');
  });

  it('removes the previous configuration of the reverse proxy', async () => {
    const { plan, write, folder } = await setUp();
    await write(await plan({ ...nginx, tls: 'traefik' }));
    expect(readdirSync(folder).sort()).toEqual(['cert.pem', 'key.pem', 'traefik.yml']);
    await write(await plan(nginx));
    expect(readdirSync(folder).sort()).toEqual(['cert.pem', 'key.pem', 'nginx.conf']);
    await write(await plan({}));
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it('plans the same revision again, and another one for another host', async () => {
    const { plan, write } = await setUp();
    const first = await plan(nginx);
    await write(first);
    expect(await plan({}, first.spec)).toEqual(first);
    const other = await plan({ host: 'other.lan' }, first.spec);
    expect(other.spec.tls?.fingerprint).not.toBe(first.spec.tls?.fingerprint);
    expect(other.spec.tls?.revision).not.toBe(first.spec.tls?.revision);
  });

  it('keeps the certificate that an earlier version created', async () => {
    const { plan, write } = await setUp();
    const first = await plan(nginx);
    const made = { 'cert.pem': recorded('cert'), 'key.pem': recorded('key') };
    await write({ ...first, tlsFiles: { ...first.tlsFiles, ...made } });
    expect((await plan({}, first.spec)).tlsFiles).toMatchObject(made);
  });

  it('replaces its own certificate a month before it expires', async () => {
    const { plan, write } = await setUp();
    const first = await plan(nginx);
    const near = await selfSigned('llm.lan', NOW - 796 * 24 * 3_600_000, Buffer.alloc(16, 1));
    await write({ ...first, tlsFiles: { ...first.tlsFiles, 'cert.pem': near.certificate, 'key.pem': near.key } });
    expect((await plan({}, first.spec)).tlsFiles['cert.pem']).not.toBe(near.certificate);
  });

  it('reads a given certificate each time and so uses a renewed one', async () => {
    const { plan, pair, home, write } = await setUp();
    await pair('a');
    const first = await plan({ tls: 'nginx', host: 'llm.lan', tlsCert: 'a.pem', tlsKey: 'a.key' });
    await write(first);
    expect(first.spec.tls?.source).toEqual({ certificate: join(home, 'a.pem'), key: join(home, 'a.key') });
    expect(await plan({}, first.spec)).toEqual(first);
    await pair('a');
    const second = await plan({}, first.spec);
    expect(second.tlsFiles['cert.pem']).toBe(readFileSync(join(home, 'a.pem'), 'utf8'));
    expect(second.spec.tls?.revision).not.toBe(first.spec.tls?.revision);
  });

  it('does not treat a given certificate as its own', async () => {
    const { plan, pair, write } = await setUp();
    await pair('a');
    const given = await plan({ tls: 'nginx', host: 'llm.lan', tlsCert: 'a.pem', tlsKey: 'a.key' });
    await write(given);
    const own = await plan({ selfSigned: true }, given.spec);
    expect(own.spec.tls?.source).toBeUndefined();
    expect(own.tlsFiles['cert.pem']).not.toBe(given.tlsFiles['cert.pem']);
  });

  it.each([
    [{ tls: 'nginx', selfSigned: true }, '--tls needs --host', /--host NAME/],
    [{ tls: 'nginx', host: 'llm.lan' }, '--tls needs --tls-cert', /--self-signed/],
    [{ tls: 'nginx', host: 'llm.lan', tlsCert: 'a.pem' }, '--tls needs --tls-key', /--tls-key PATH/],
    [{ tls: 'nginx', host: 'llm.lan', tlsKey: 'a.key' }, '--tls needs --tls-cert', /--tls-cert PATH/],
    [{ host: 'llm.lan' }, '--host needs a stack with TLS', /up --tls nginx --host NAME/],
    [{ tls: 'off', httpsPort: 1 }, '--https-port needs a stack with TLS', /\nOr leave out --https-port$/],
    [
      { ...nginx, httpsPort: 80 },
      '--port, --https-port and --http-port must be different but are 4000, 80, 80',
      /another/,
    ],
  ] as const)('rejects %j', async (flags, message, hint) => {
    const { plan } = await setUp();
    expect(await caught(() => plan(flags))).toMatchObject({
      code: 'usage',
      exitCode: EXIT.usage,
      message,
      hint: expect.stringMatching(hint),
    });
  });

  it('rejects a certificate for another name', async () => {
    const { plan, pair } = await setUp();
    await pair('a', 'a.lan');
    expect(
      await caught(() => plan({ tls: 'nginx', host: 'llm.lan', tlsCert: 'a.pem', tlsKey: 'a.key' })),
    ).toMatchObject({ code: 'certificate_other_host', exitCode: EXIT.usage, hint: expect.stringContaining('--host') });
  });

  it('requires Docker and an engine on this machine', async () => {
    const native = await setUp({ runtime: fakeRuntime({ kind: 'native' }) });
    expect(await caught(() => native.plan(nginx))).toMatchObject({
      code: 'tls_unsupported',
      exitCode: EXIT.prerequisite,
      message: 'The native runtime has no reverse proxy, so --tls needs Docker',
      hint: expect.stringContaining('up --runtime docker'),
    });
    const far = await setUp({ runtime: fakeRuntime({ endpoint: async () => 'ssh://far' }) });
    expect(await caught(() => far.plan(nginx))).toMatchObject({
      code: 'tls_unsupported',
      exitCode: EXIT.prerequisite,
      message: 'The Docker engine at ssh://far is on another machine and cannot read the certificate on this one',
      hint: 'Run the same command on that machine',
    });
  });
});

describe('writeTlsFiles', () => {
  it('writes the files for the owner only', async () => {
    const { plan, write, folder } = await setUp();
    await write(await plan(nginx));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'key.pem')).mode & 0o777).toBe(0o600);
  });

  it('writes nothing without TLS', async () => {
    const { plan, write, folder } = await setUp();
    await write(await plan({}));
    expect(existsSync(folder)).toBe(false);
  });
});

describe('parseHost', () => {
  it.each([
    ['llm.example.com', 'llm.example.com'],
    ['LLM', 'llm'],
    ['192.168.7.20', '192.168.7.20'],
  ])('accepts %s', (text, host) => expect(parseHost(text)).toBe(host));

  it.each(['', 'a b', 'https://llm.lan', 'llm.lan:443', '-a.lan', 'a..b', '256.1.1.1', '10.0.0', 'a_b.lan', '*.lan'])(
    'rejects %j',
    (text) => expect(() => parseHost(text)).toThrow('A host is a name such as llm.example.com'),
  );
});
