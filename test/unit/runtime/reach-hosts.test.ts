import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished, test } from 'vitest';
import { EXIT } from '../../../src/model/errors.ts';
import { templateFile } from '../../../src/package-files.ts';
import { type ReachedHost, reachHosts } from '../../../src/runtime/reach-hosts.ts';
import { makeAuthority } from '../../support/authority.ts';
import { caught } from '../../support/caught.ts';
import { fakeFiles } from '../../support/fake-files.ts';
import { describeUnless } from '../../support/skipping.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const PROGRAM = readFileSync(templateFile('reach_hosts.py'), 'utf8');
const noPython = spawnSync('python3', ['--version']).status === 0 ? undefined : 'there is no python3 on the PATH';

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A provider with a certificate of an authority of its own, and the file of that authority. */
async function provider() {
  const authority = await makeAuthority('Corp Root');
  const { certificate, key } = await authority.issue('localhost');
  const file = join(await temporaryFolder(), 'corp.pem');
  writeFileSync(file, authority.pem);
  return { port: await listen(createTlsServer({ cert: certificate, key })), file };
}

/** One that connects to `port` whatever it is asked for, or refuses with `status`. */
async function proxyTo(port: number, status = 200) {
  const asked: string[] = [];
  const server = createServer();
  server.on('connect', (request, socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      return;
    }
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [onward, socket]) end.on('error', () => socket.destroy()).on('close', () => onward.destroy());
  });
  return { port: await listen(server), asked };
}

async function reach(urls: readonly string[], env: Record<string, string> = {}): Promise<readonly ReachedHost[]> {
  const files = fakeFiles({ [templateFile('reach_hosts.py')]: PROGRAM });
  return reachHosts(urls, files, async (program, args) => {
    const child = spawn('python3', ['-I', ...args], { env: { PATH: process.env.PATH ?? '', ...env } });
    child.stdin.end(program);
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { outcome: 'exited', exitCode: 0, stdout, stderr };
  });
}

describeUnless(noPython)('reachHosts', () => {
  it('ends after the TLS handshake, and names a certificate that is not trusted', async () => {
    const { port, file } = await provider();
    const url = `https://localhost:${port}`;
    expect(await reach([url], { SSL_CERT_FILE: file })).toEqual([{ url, failed: null, why: '' }]);
    expect(await reach([url])).toEqual([
      { url, failed: 'certificate', why: expect.stringMatching(/certificate|issuer/) },
    ]);
  });

  it('reports DNS failures, closed ports and servers without TLS separately', async () => {
    const plain = await listen(
      createTcpServer((socket) => void socket.on('error', () => {}).end('HTTP/1.1 400 Bad\r\n\r\n')),
    );
    const closed = createTcpServer();
    const free = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    const urls = ['https://nobody.invalid', `https://127.0.0.1:${free}`, `https://127.0.0.1:${plain}`];
    const found = await reach([...urls, `http://127.0.0.1:${plain}`]);
    expect(found.map(({ failed }) => failed)).toEqual(['dns', 'connect', 'tls', null]);
    expect(found[1]?.why).toBe('Connection refused');
  });

  it('uses the proxy and its login, hides the login, and skips excluded hosts', async () => {
    const { port, file } = await provider();
    const proxy = await proxyTo(port);
    const env = {
      SSL_CERT_FILE: file,
      https_proxy: `http://ann:p%40ss@127.0.0.1:${proxy.port}`,
      no_proxy: '127.0.0.1',
    };
    const url = 'https://localhost:4711';
    const found = await reach([url, `https://127.0.0.1:${port}`], env);
    expect(found[0]).toMatchObject({ url, failed: null, proxy: `127.0.0.1:${proxy.port}` });
    expect(found[1]).toMatchObject({ failed: 'certificate' });
    expect(proxy.asked).toEqual([`localhost:4711 Basic ${Buffer.from('ann:p@ss').toString('base64')}`]);
    expect(JSON.stringify(found)).not.toContain('ss@');
  });

  it('reports a proxy that refuses, and one that does not exist', async () => {
    const refusing = await proxyTo(1, 407);
    const url = 'https://llm.corp.test';
    expect(await reach([url], { https_proxy: `http://127.0.0.1:${refusing.port}` })).toMatchObject([
      { failed: 'proxy', status: 407, why: 'HTTP 407' },
    ]);
    expect(await reach([url], { https_proxy: 'http://proxy.invalid:3128' })).toMatchObject([
      { failed: 'proxy', proxy: 'proxy.invalid:3128' },
    ]);
  });

  it('checks hosts in parallel within one deadline', async () => {
    const silent = await listen(createTcpServer((socket) => void socket.on('error', () => {})));
    const urls = Array.from({ length: 8 }, (_, i) => `https://127.0.0.1:${silent}/${i}`);
    const began = performance.now();
    expect((await reach(urls)).every(({ failed, why }) => failed === 'tls' && why === 'timed out')).toBe(true);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

test('fails when no command can run in the gateway', async () => {
  const files = fakeFiles({ [templateFile('reach_hosts.py')]: PROGRAM });
  const run = async () => ({ outcome: 'exited', exitCode: 127, stdout: '', stderr: 'python3: not found\n' }) as const;
  expect(await caught(() => reachHosts(['https://a'], files, run))).toMatchObject({
    code: 'not_responding',
    exitCode: EXIT.notReady,
    message: 'Cannot ask the providers from where the gateway is: python3: not found',
    hint: 'See the state of the gateway: agents-llm status',
  });
});
