import { expect, it } from 'vitest';
import type { StackSpec } from '../../../../src/model/stack-spec.ts';
import type { DockerFacts, EngineFacts } from '../../../../src/runtime/runtime.ts';
import { tlsFailure } from '../../../../src/stack/startup/tls-failure.ts';
import { fakeRuntime } from '../../../support/fake-runtime.ts';

const TLS: NonNullable<StackSpec['tls']> = {
  ...{ proxy: 'nginx', host: 'llm.test', bind: '0.0.0.0', httpsPort: 443, httpPort: 80, image: 'nginx:1' },
  ...{ fingerprint: 'AA', expires: '2027-01-01T00:00:00.000Z', revision: 'r1' },
};
const TRAEFIK = 'Use Traefik, because Nginx needs the DNS server of Docker: agents-llm up --tls traefik\n';
const BIND =
  'Name an address of this machine, because netavark 1.4 does not publish 0.0.0.0: agents-llm up --bind ADDRESS\n';
const LOG = 'See the log of the reverse proxy: agents-llm logs litellm-tls';

function failure(product: EngineFacts['product'], tls: Partial<typeof TLS> = {}) {
  const facts = { ...fakeRuntime().facts, engine: async () => ({ product }) } as unknown as DockerFacts;
  const spec = { tls: { ...TLS, ...tls } };
  return tlsFailure(fakeRuntime({ facts }), spec, { state: 'tls-silent', code: 'ETIMEDOUT' });
}

it.each([
  ['Docker', {}, LOG],
  ['Podman', {}, `${TRAEFIK}${BIND}${LOG}`],
  ['Podman', { bind: '192.0.2.2' }, `${TRAEFIK}${LOG}`],
  ['Podman', { proxy: 'traefik' }, `${BIND}${LOG}`],
] as const)('shows the solution for %s with %o', async (product, tls, hint) => {
  expect(await failure(product, tls)).toMatchObject({
    code: 'not_ready',
    exitCode: 7,
    message: 'The gateway is ready, but the reverse proxy cannot reach it (ETIMEDOUT)',
    hint,
    details: { service: 'litellm-tls', code: 'ETIMEDOUT' },
  });
});

it('explains the solution even when the engine does not name the error', async () => {
  const error = await tlsFailure(fakeRuntime(), { tls: TLS }, { state: 'tls-silent', code: 'ETIMEDOUT' });
  expect(error.hint).toBe(LOG);
});
