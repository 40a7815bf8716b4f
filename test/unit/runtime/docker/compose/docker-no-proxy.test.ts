import { expect, test } from 'vitest';
import { dockerNoProxy } from '../../../../../src/runtime/docker/compose/docker-no-proxy.ts';

const lookup = (
  texts: Readonly<Record<string, string>>,
  env: Record<string, string> = {},
  endpoint = 'unix:///d.sock',
) =>
  dockerNoProxy({
    env,
    home: '/home/me',
    endpoint,
    files: {
      read: async (path) => {
        if (path.includes('locked')) throw new Error('EACCES');
        return texts[path];
      },
    },
  });
const config = (proxies: unknown) => JSON.stringify({ auths: {}, proxies });

test("finds the hosts without a proxy in Docker's client configuration", async () => {
  const text = config({ default: { httpProxy: 'http://p:1', noProxy: '.corp' } });
  expect(await lookup({ '/home/me/.docker/config.json': text })).toBe('.corp');
  expect(await lookup({ '/dc/config.json': text }, { DOCKER_CONFIG: '/dc' })).toBe('.corp');
});

test('prefers the hosts of the engine to those of all engines', async () => {
  const text = config({ default: { noProxy: '.corp' }, 'tcp://far:2376': { noProxy: '.far' } });
  const path = '/home/me/.docker/config.json';
  expect(await lookup({ [path]: text }, {}, 'tcp://far:2376')).toBe('.far');
});

test.each([
  [undefined],
  [''],
  ['{'],
  ['null'],
  ['[]'],
  [config(null)],
  [config({ default: null })],
  [config({ default: { noProxy: 7 } })],
])('finds no hosts in: %j', async (text) => {
  expect(await lookup(text === undefined ? {} : { '/home/me/.docker/config.json': text })).toBeUndefined();
  expect(await lookup({}, { DOCKER_CONFIG: '/locked' })).toBeUndefined();
});
