import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseConfig } from '../../../../src/litellm/config/parse-config.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import { AUTHORITY, renderEnvironment } from '../../../../src/model/gateway-environment.ts';
import { authorityRisk } from '../../../../src/stack/environment/authority-risk.ts';
import { environmentDifference, environmentOfConfig } from '../../../../src/stack/environment/config-environment.ts';
import type { EnvironmentFlags } from '../../../../src/stack/environment/environment-flags.ts';
import { planEnvironment } from '../../../../src/stack/environment/plan-environment.ts';
import { rememberEnvironment } from '../../../../src/stack/environment/remember-environment.ts';
import { type Authority, makeAuthority } from '../../../support/authority.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

type Env = Record<string, string>;

/** The fake clock's. */
const NOW = fakeInvocation({ home: '/h', env: {} }).context.clock.now();
const DAY = 24 * 3600 * 1000;
const PROXIES = { HTTPS_PROXY: 'http://ann:s3cret%21@proxy.corp:3128', no_proxy: '.corp' };

let home: string;
let corp: Authority;
beforeAll(async () => {
  corp = await makeAuthority('Corp Root', { now: NOW });
});
beforeEach(async () => {
  home = await temporaryFolder();
});

async function up(flags: EnvironmentFlags, env: Env = {}) {
  const invocation = fakeInvocation({ home, env });
  const planned = await planEnvironment(flags, invocation);
  await mkdir(invocation.settings.paths.folder, { recursive: true });
  await rememberEnvironment(invocation, planned);
  const values = Object.fromEntries(planned.variables.map(({ name, value }) => [name, value.reveal()]));
  return { ...planned, values, invocation };
}

const PLACE = () => ({ path: join(home, 'agents-llm.yaml'), shown: 'agents-llm.yaml', folder: home });
const parsed = (text: string) => parseConfig(`name: x\n${text}`, PLACE());
const config = (text: string): EnvironmentFlags => ({
  configEnvironment: environmentOfConfig(parsed(text), PLACE(), home),
});

describe('HTTP proxies', () => {
  test('come from the environment with exempt hosts, and their passwords are secret', async () => {
    const { values, variables, invocation } = await up({ proxyFromEnv: true }, PROXIES);
    expect(values).toEqual({ HTTPS_PROXY: PROXIES.HTTPS_PROXY, NO_PROXY: '.corp' });
    expect(variables.map(({ isSecret }) => isSecret)).toEqual([true, false]);
    expect(invocation.redaction.apply('of s3cret%21, that is s3cret!')).not.toMatch(/s3cret/);
  });

  test('are remembered, also in a shell without them, until a flag removes them', async () => {
    await up({ proxyFromEnv: true }, PROXIES);
    expect(await up({})).toMatchObject({ isChanged: false, values: { NO_PROXY: '.corp' } });
    expect(await up({}, { HTTPS_PROXY: 'http://other:1' })).toMatchObject({ isChanged: false });
    expect((await up({ proxyFromEnv: true }, { https_proxy: 'other:1' })).values).toEqual({
      HTTPS_PROXY: 'http://other:1',
    });
    expect(await up({ proxyFromEnv: false })).toMatchObject({ values: {}, isChanged: true });
  });

  test.each([{}, { HTTPS_PROXY: '' }, { NO_PROXY: '.corp' }])('are required by --proxy-from-env: %j', async (env) => {
    expect(await caught(() => up({ proxyFromEnv: true }, env))).toMatchObject({
      code: 'usage',
      exitCode: EXIT.usage,
      message: 'Neither HTTPS_PROXY nor HTTP_PROXY is set, but --proxy-from-env takes the proxy from them',
      hint: 'Set HTTPS_PROXY, then run the same command again\nOr go on without a proxy: agents-llm up --no-proxy-from-env',
    });
  });

  test('are rejected without being shown when an address is invalid', async () => {
    expect(await caught(() => up({ proxyFromEnv: true }, { HTTPS_PROXY: 'http://a:s3cret@:1' }))).toMatchObject({
      code: 'usage',
      exitCode: EXIT.usage,
      message: 'HTTPS_PROXY is not a valid proxy address',
      hint: expect.not.stringContaining('s3cret'),
    });
  });

  test('may not be SOCKS: ALL_PROXY is rejected alone and ignored beside an HTTP proxy', async () => {
    expect(await caught(() => up({ proxyFromEnv: true }, { ALL_PROXY: 'socks5://p:1080' }))).toMatchObject({
      code: 'usage',
      exitCode: EXIT.usage,
      message: 'ALL_PROXY names a SOCKS proxy, which the gateway cannot use',
      hint: 'Name an HTTP proxy in HTTPS_PROXY, then run the same command again',
    });
    const env = { HTTP_PROXY: 'http://p:1', ALL_PROXY: 'socks5://p:1080' };
    expect((await up({ proxyFromEnv: true }, env)).values).toEqual({ HTTP_PROXY: 'http://p:1' });
  });

  test('follow proxy_from_env in agents-llm.yaml and the environment of the user', async () => {
    expect((await up(config('proxy_from_env: true\n'))).values).toEqual({});
    await up(config('proxy_from_env: true\n'), PROXIES);
    expect(await up(config('proxy_from_env: true\n'))).toMatchObject({ isChanged: false });
    expect(await up({})).toMatchObject({ isChanged: false, values: { NO_PROXY: '.corp' } });
    expect((await up(config('proxy_from_env: false\n'))).values).toEqual({});
    await up(config('proxy_from_env: true\n'), PROXIES);
    expect((await up({ ...config('proxy_from_env: true\n'), proxyFromEnv: false }, PROXIES)).values).toEqual({});
  });

  test('yield to a variable that is set by name', async () => {
    const { values } = await up(
      { proxyFromEnv: true, env: [{ name: 'HTTPS_PROXY', value: 'http://mine:1' }] },
      PROXIES,
    );
    expect(values.HTTPS_PROXY).toBe('http://mine:1');
    const { warnings } = await up({ ...config('env: {NO_PROXY: .x}\n'), proxyFromEnv: true, env: [] }, PROXIES);
    expect(warnings).toEqual([
      'NO_PROXY of agents-llm.yaml is not used, because --proxy-from-env set it too. Remove that: agents-llm up --no-proxy-from-env',
    ]);
  });
});

describe('a certificate authority', () => {
  const put = (text: string | Buffer, name = 'corp.pem') => writeFile(join(home, name), text);

  test('is copied without the other text of its file and remembered after the file is gone', async () => {
    await put(`# Corp Root\n${corp.pem}`);
    const { values, variables } = await up({ ca: 'corp.pem' });
    expect(values).toEqual({ [AUTHORITY]: corp.pem.replace(/\n$/, '').concat('\n') });
    expect(variables).toMatchObject([{ network: 'ca', file: join(home, 'corp.pem'), isSecret: false }]);
    expect(await up({})).toMatchObject({ isChanged: false });
    await rm(join(home, 'corp.pem'));
    expect(await up({})).toMatchObject({ isChanged: false, warnings: [] });
    expect(await up({ ca: 'off' })).toMatchObject({ values: {}, isChanged: true });
  });

  test('is read from its file at each `up`', async () => {
    await put(corp.pem);
    await up({ ca: 'corp.pem' });
    await put((await makeAuthority('Next Root', { now: NOW })).pem);
    expect((await up({})).isChanged).toBe(true);
  });

  test('is relative to agents-llm.yaml and removed with its line, and a flag overrides it', async () => {
    await put(corp.pem);
    await put((await makeAuthority('Mine', { now: NOW })).pem, 'mine.pem');
    expect((await up(config('ca: corp.pem\n'))).variables).toMatchObject([{ source: 'config' }]);
    expect((await up({ ...config('ca: corp.pem\n'), ca: 'mine.pem' })).variables.map(({ file }) => file)).toEqual([
      join(home, 'corp.pem'),
      join(home, 'mine.pem'),
    ]);
    await up({ ca: 'off' });
    await up(config('ca: corp.pem\n'));
    expect((await up(config(''))).values).toEqual({});
  });

  test('is extracted from a bundle without the public authorities', async () => {
    await put([...rootCertificates, corp.pem].join('\n'));
    expect((await up({ ca: 'corp.pem' })).values[AUTHORITY]).toBe(corp.pem);
  });

  const days = (text: string) => text.replace('DAY', new Date(NOW - DAY).toISOString().slice(0, 10));

  test.each([
    ['missing', async () => {}, 'certificate_missing', 'Certificate authority FILE not found'],
    [
      'a directory',
      () => mkdir(join(home, 'corp.pem')),
      'certificate_missing',
      'Cannot read the certificate authority FILE (EISDIR)',
    ],
    ['empty', () => put('\n'), 'certificate_invalid', 'Cannot use the certificate authority FILE: it is empty'],
    [
      'a text',
      () => put('no certificate'),
      'certificate_invalid',
      'Cannot use the certificate authority FILE: it contains no certificate in PEM format',
    ],
    [
      'binary',
      () => put(Buffer.from(corp.pem.split('\n').slice(1, -2).join(''), 'base64')),
      'certificate_invalid',
      'Cannot use the certificate authority FILE: it contains no certificate in PEM format',
    ],
    [
      'with a key',
      () => put(`${corp.pem}${corp.key}`),
      'certificate_invalid',
      'Cannot use the certificate authority FILE: it contains a private key',
    ],
    [
      'damaged',
      () => put(`${corp.pem}${corp.pem.replace('MII', 'MIX')}`),
      'certificate_invalid',
      'Cannot use the certificate authority FILE: certificate 2 in it is damaged',
    ],
    [
      'public',
      () => put(rootCertificates.join('\n')),
      'certificate_invalid',
      'Cannot use the certificate authority FILE: it contains only public authorities, which the gateway trusts anyway',
    ],
    [
      'expired',
      async () => put((await makeAuthority('Old', { now: NOW - 10 * DAY, days: 10 })).pem),
      'certificate_expired',
      'The certificate authority FILE expired on DAY',
    ],
  ])('is rejected when it is %s', async (_, prepare, code, message) => {
    await prepare();
    const error = await caught(() => up({ ca: 'corp.pem' }));
    expect(error).toMatchObject({ code, exitCode: EXIT.usage, hint: expect.stringMatching(/^[A-Z]/) });
    expect(days(message)).toBe(error.message.replace(join(home, 'corp.pem'), 'FILE'));
    expect(error.message + error.hint).not.toContain(corp.key.split('\n')[1]);
  });

  test('names the command that converts a binary file', async () => {
    await put(Buffer.from(corp.pem.split('\n').slice(1, -2).join(''), 'base64'));
    expect((await caught(() => up({ ca: 'corp.pem' }))).hint).toMatch(/^Convert it: openssl x509 -inform der -in /);
  });

  test('causes a warning when it expires soon, has expired, or is a server certificate', async () => {
    const old = await makeAuthority('Old Root', { now: NOW - 10 * DAY, days: 5 });
    const ending = await makeAuthority('Ending Root', { now: NOW, days: 10 });
    const { certificate } = await corp.issue('llm.corp.test');
    await put([corp.pem, old.pem, ending.pem, certificate].join(''));
    const { warnings } = await up({ ca: 'corp.pem' });
    expect(warnings.map((line) => line.replace(join(home, 'corp.pem'), 'FILE'))).toEqual([
      expect.stringMatching(/^Old Root in FILE expired on \S+\. Replace it, then: agents-llm up$/),
      expect.stringMatching(/^Ending Root in FILE expires on \S+\. Replace it, then: agents-llm up$/),
      'llm.corp.test in FILE is the certificate of a server instead of an authority, so others that the authority issues are not trusted',
    ]);
  });
});

test('lists under apply the changes that need `up`', async () => {
  await writeFile(join(home, 'corp.pem'), corp.pem);
  const difference = (text: string) => {
    const { context, settings } = fakeInvocation({ home, env: {} });
    const kept = { files: context.files, paths: settings.paths, home };
    return environmentDifference(parsed(text), PLACE(), kept, 'Run agents-llm up');
  };
  const line = (field: string) =>
    `${field} in agents-llm.yaml differs from what the gateway was started with. Run agents-llm up`;
  expect(await difference('ca: corp.pem\nproxy_from_env: true\n')).toEqual([line('ca')]);
  await up(config('ca: corp.pem\nproxy_from_env: true\n'), PROXIES);
  expect(await difference('ca: corp.pem\nproxy_from_env: true\n')).toEqual([]);
  expect(await difference('')).toEqual([line('proxy_from_env'), line('ca')]);
});

test('asks for consent each time the authority from agents-llm.yaml changes', async () => {
  await writeFile(join(home, 'corp.pem'), corp.pem);
  const risk = (flags: EnvironmentFlags = {}) =>
    authorityRisk({ config: parsed('ca: corp.pem\n'), place: PLACE() }, flags, fakeInvocation({ home, env: {} }));
  expect(await risk()).toEqual(['Whoever has the keys of corp.pem can read all that the gateway sends to providers']);
  expect(await risk({ ca: 'off' })).toEqual([]);
  await up(config('ca: corp.pem\n'));
  expect(await risk()).toEqual([]);
  await writeFile(join(home, 'corp.pem'), (await makeAuthority('Other', { now: NOW })).pem);
  expect(await risk()).toHaveLength(1);
});

test('reads the variables of an earlier version unchanged', async () => {
  const { invocation } = await up({ env: [{ name: 'A', value: '1' }] });
  expect(renderEnvironment((await up({})).variables)).not.toContain('network');
  expect(await invocation.context.files.read(invocation.settings.paths.environment)).not.toContain('network');
});
