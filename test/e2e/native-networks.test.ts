import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { makeAuthority } from '../support/authority.ts';
import { lockText } from '../support/lock-text.ts';
import { itUnless } from '../support/skipping.ts';
import { addUpstream } from './support/add-upstream.ts';
import { type Cli, createCli } from './support/cli.ts';
import { LOGIN } from './support/forward-proxy.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { startPackageIndex } from './support/package-index.ts';
import { CORP_INDEX, missingPypi, type PackageProxy, startPackageProxy } from './support/package-proxy.ts';
import { describeOn, onNative, stacks } from './support/stack-under-test.ts';
import { startUpstream } from './support/upstream.ts';

const PROJECT = 'e2e-native-networks';
const PORT = String(await freePort());
const LOCK = new URL('../../templates/native/litellm-1.108.11.txt', import.meta.url);
/** Root's installation belongs to the whole machine, so tests must not change it. */
const stack = stacks.findLast(({ runtime }) => runtime === 'native') ?? onNative;
const noPypi = await missingPypi();

/** An index that is reached only through an HTTP proxy, whose certificate is of a company's authority. */
describeOn(stack)('an installation without Docker behind a company proxy', () => {
  let cli: Cli;
  let locks: string;
  let project: string;
  let proxy: PackageProxy;
  let before: ReturnType<typeof snapshot>;
  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    cli.run(['-p', PROJECT, ...args], { AGENTS_LLM_NATIVE_LOCKS: locks, PIP_INDEX_URL: CORP_INDEX, ...env }, project);
  const up = ['up', '--proxy-from-env', '--port', PORT, '--timeout', '15m', '--json'];
  const behind = () => ({ HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url });
  const expectOnlyIndex = () => expect(new Set(proxy.asked)).toEqual(new Set(['CONNECT pypi.corp.test:443']));

  beforeAll(async () => {
    before = snapshot();
    cli = createCli(stack);
    const root = dirname(cli.home);
    [locks, project] = [join(root, 'locks'), join(root, 'project')];
    for (const folder of [locks, project]) mkdirSync(folder);
    // Another lock file prevents the use of an existing installation on this machine.
    writeFileSync(join(locks, 'litellm-1.108.11.txt'), `${readFileSync(LOCK, 'utf8')}# Another one.\n`);
    writeFileSync(join(locks, 'litellm-9.9.9.txt'), lockText('9.9.9'));
    const authority = await makeAuthority('Corp Root');
    writeFileSync(join(project, 'corp.pem'), authority.pem);
    proxy = await startPackageProxy(authority);
  });

  afterAll(async () => {
    stack.remove(cli, PROJECT);
    expect(cli.everythingSeen()).not.toContain(LOGIN.password);
    cli.dispose();
    await proxy.close();
    expectNoLeaks(before);
  });

  it('names the certificate that is not trusted, and the flag for it', async () => {
    const failed = await run([...up, '--image', 'litellm==9.9.9'], behind());
    expect([failed.code, failed.json.error]).toMatchObject([
      5,
      {
        code: 'install_failed',
        message: 'Installing packages with pip failed: the certificate of the package index is not trusted',
        hint: expect.stringMatching(/^Give .* your company's certificate authority: agents-llm -p \S+ up --ca FILE\n/),
      },
    ]);
    expect(proxy.paths).toEqual([]);
    expectOnlyIndex();
  });

  it('downloads packages with pip through the proxy when the index has no uv', async () => {
    const index = await startPackageIndex();
    proxy.origin = new URL(index.url).origin;
    proxy.hasUv = false;
    // The settings of pip name another authority, which does not count less.
    const mine = { PIP_CERT: join(project, 'corp.pem'), NO_PROXY: '.elsewhere.test' };
    const failed = await run([...up, '--image', 'litellm==9.9.9', '--ca', 'corp.pem'], { ...behind(), ...mine });
    expect(failed.stderr).toMatch(/so pip installs the packages, which takes longer$/m);
    // The packages are there, and their content is not the locked one.
    expect(failed.json.error.message).toContain('does not have the hash that the lock file names');
    expect(proxy.paths.some((path) => path.endsWith('.whl'))).toBe(true);
    expectOnlyIndex();

    const asked = proxy.asked.length;
    const direct = await run([...up, '--image', 'litellm==9.9.9', '--ca', 'corp.pem'], {
      ...behind(),
      PIP_INDEX_URL: index.url,
    });
    await index.close();
    expect(direct.json.error.message).toContain('does not have the hash that the lock file names');
    expect(proxy.asked.length, 'an index on loopback is reached without the proxy').toBe(asked);
  });

  itUnless(noPypi)('installs with uv and starts, and sends nothing else through the proxy', async () => {
    proxy.origin = 'https://pypi.org';
    proxy.hasUv = true;
    const started = await run([...up, '--ca', 'corp.pem'], behind());
    expect(started.json).toMatchObject({ error: null, data: { change: 'started', runtime: 'native' } });
    expect(started.stderr).toContain('Installing packages with uv');
    expect(existsSync(join(cli.home, 'native', '1.108.11', 'agents-llm.json'))).toBe(true);
    expect(existsSync(join(cli.home, 'native', '1.108.11', 'uv'))).toBe(false);
    expectOnlyIndex();
  });

  itUnless(noPypi)('calls a model on loopback without the proxy', async () => {
    const asked = proxy.asked.length;
    const upstream = await startUpstream(stack);
    await addUpstream(cli, PROJECT, upstream);
    expect(await run(['chat', 'gpt-5', 'Say hello'])).toMatchObject({ code: 0 });
    await upstream.close();
    expect(proxy.asked.length).toBe(asked);
    expect((await run(['up', '--json'])).json.data.change).toBe('unchanged');
  });
});
