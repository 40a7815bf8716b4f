import { expect, test } from 'vitest';
import { AUTHORITY, type GatewayVariable } from '../../../../../src/model/gateway-environment.ts';
import { Secret } from '../../../../../src/model/secret.ts';
import { withAuthorities, withProxies } from '../../../../../src/runtime/native/install/installer-network.ts';
import { fakeFiles } from '../../../../support/fake-files.ts';

const variable = (name: string, value: string, network?: GatewayVariable['network']): GatewayVariable => ({
  ...{ name, value: new Secret(value), isSecret: false, source: 'flag' },
  network,
});
const VARIABLES = [
  variable('HTTPS_PROXY', 'http://p:1', 'proxy'),
  variable('NO_PROXY', '.corp', 'proxy'),
  variable('LANGFUSE_HOST', 'x'),
  variable(AUTHORITY, 'PEM', 'ca'),
];

const SPARED = '.corp,localhost,127.0.0.1,::1';

test('uses the proxies of the gateway unless the user sets others', () => {
  const spared = { NO_PROXY: SPARED, no_proxy: SPARED };
  expect(withProxies({ A: '1' }, VARIABLES)).toEqual({ A: '1', HTTPS_PROXY: 'http://p:1', ...spared });
  expect(withProxies({ https_proxy: 'http://mine:1' }, VARIABLES)).toEqual({ https_proxy: 'http://mine:1', ...spared });
});

test('reaches loopback without a proxy, also one that only the user sets', () => {
  const spared = withProxies({ ALL_PROXY: 'http://mine:1', no_proxy: 'a.corp', NO_PROXY: 'b.corp' }, []);
  const hosts = 'a.corp,localhost,127.0.0.1,::1';
  expect(spared).toEqual({ ALL_PROXY: 'http://mine:1', no_proxy: hosts, NO_PROXY: hosts });
  expect(withProxies({ NO_PROXY: '.corp' }, [])).toEqual({ NO_PROXY: '.corp' });
});

test('trusts the certificate authorities of the gateway beside the public ones', async () => {
  const files = fakeFiles({});
  expect(await withAuthorities({ A: '1' }, VARIABLES, '/w', { files })).toEqual({
    A: '1',
    SSL_CERT_FILE: '/w/ca.pem',
    PIP_CERT: '/w/ca.pem',
  });
  expect(files.all.get('/w/ca.pem')).toMatchObject({
    text: expect.stringMatching(/^-----BEGIN CERTIFICATE-----[\s\S]*\nPEM$/),
    mode: 0o600,
  });
});

test('keeps the authorities that the user and the settings of pip name', async () => {
  const files = fakeFiles({ '/uv.pem': 'OF UV', '/pip.pem': 'OF PIP', '/node.pem': 'OF NODE', '/conf.pem': 'OF CONF' });
  const env = { SSL_CERT_FILE: '/uv.pem', PIP_CERT: '/pip.pem', NODE_EXTRA_CA_CERTS: '/node.pem' };
  const found = await withAuthorities(env, VARIABLES, '/w', { files, pipCert: '/conf.pem' });
  expect(found).toEqual({ ...env, SSL_CERT_FILE: '/w/ca.pem', PIP_CERT: '/w/ca.pem' });
  expect(files.all.get('/w/ca.pem')?.text).toMatch(/\nOF NODE\nOF UV\nOF PIP\nOF CONF\nPEM$/);
});

test('changes nothing without authorities, and passes over a file that is missing', async () => {
  const files = fakeFiles({});
  const env = { PIP_CERT: '/x' };
  expect(await withAuthorities(env, [], '/w', { files, pipCert: '/y' })).toBe(env);
  expect(files.all.size).toBe(0);
  expect(await withAuthorities(env, VARIABLES, '/w', { files })).toMatchObject({ PIP_CERT: '/w/ca.pem' });
});
