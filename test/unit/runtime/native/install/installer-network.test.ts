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

test('uses the proxies of the gateway unless the user sets others', () => {
  expect(withProxies({ A: '1' }, VARIABLES)).toEqual({ A: '1', HTTPS_PROXY: 'http://p:1', NO_PROXY: '.corp' });
  expect(withProxies({ https_proxy: 'http://mine:1' }, VARIABLES)).toEqual({
    https_proxy: 'http://mine:1',
    NO_PROXY: '.corp',
  });
});

test('trusts the certificate authorities of the gateway beside the public ones', async () => {
  const files = fakeFiles({});
  expect(await withAuthorities({ A: '1' }, VARIABLES, '/w', files)).toEqual({
    A: '1',
    NODE_EXTRA_CA_CERTS: '/w/own-ca.pem',
    SSL_CERT_FILE: '/w/ca.pem',
    PIP_CERT: '/w/ca.pem',
  });
  expect(files.all.get('/w/own-ca.pem')?.text).toBe('PEM');
  expect(files.all.get('/w/ca.pem')?.text).toMatch(/^-----BEGIN CERTIFICATE-----[\s\S]*\nPEM$/);
});

test('keeps the certificate settings of the user', async () => {
  const files = fakeFiles({});
  for (const env of [{ PIP_CERT: '/x' }, { SSL_CERT_FILE: '/x' }])
    expect(await withAuthorities(env, VARIABLES, '/w', files)).toBe(env);
  expect(await withAuthorities({}, [], '/w', files)).toEqual({});
  expect(files.all.size).toBe(0);
});
