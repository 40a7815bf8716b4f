import { expect, test } from 'vitest';
import type { PortState } from '../../../../src/io/network/ports.ts';
import { EXIT } from '../../../../src/model/errors.ts';
import type { ServiceState } from '../../../../src/model/service.ts';
import type { StackSpec } from '../../../../src/model/stack-spec.ts';
import { requireFreePorts } from '../../../../src/stack/startup/port-conflict.ts';
import { caught } from '../../../support/caught.ts';
import { fakeInvocation } from '../../../support/fake-invocation.ts';
import { fakeRuntime } from '../../../support/fake-runtime.ts';
import { serviceState } from '../../../support/service-state.ts';

const tls = {
  ...({ proxy: 'nginx', host: 'llm.lan', bind: '0.0.0.0', httpsPort: 443, httpPort: 80, image: 'n:1' } as const),
  ...{ fingerprint: 'AB:CD', revision: 'r1', expires: '2028-01-01T00:00:00.000Z' },
};
const spec: StackSpec = { project: 'two', bind: '127.0.0.1', port: 4000, image: 'l:1', databaseImage: 'p:1', tls };

function requireFree(taken: Readonly<Record<string, PortState>>, services: readonly ServiceState[] = []) {
  const given = fakeInvocation({ home: '/', env: {} });
  const ports = {
    probe: async (bind: string, port: number) => taken[`${bind}:${port}`] ?? ('free' as const),
    findFree: given.context.ports.findFree,
  };
  const invocation = { ...given, context: { ...given.context, ports } };
  const holder = { name: 'process 7 (caddy)', stop: 'Stop it: kill 7' };
  return requireFreePorts(invocation, fakeRuntime({ portHolder: async () => holder }), spec, services);
}

test.each([
  ['127.0.0.1:4000', '--port 4001'],
  ['0.0.0.0:443', '--https-port 444'],
  ['0.0.0.0:80', '--http-port 81'],
])('names the program on %s and the flag that selects another port', async (address, flag) => {
  const [bind, port] = address.split(':');
  expect(await caught(() => requireFree({ [address]: 'taken' }))).toMatchObject({
    code: 'port_taken',
    exitCode: EXIT.port,
    message: `Port ${port} on ${bind} is already in use by process 7 (caddy)`,
    hint: `Stop it: kill 7\nOr use another port: agents-llm up ${flag}`,
    details: { bind, port: Number(port), holder: 'process 7 (caddy)' },
  });
});

test('accepts ports that its own containers use', async () => {
  const taken = { '127.0.0.1:4000': 'taken', '0.0.0.0:443': 'taken', '0.0.0.0:80': 'taken' } as const;
  const front = serviceState({ service: 'litellm-tls', published: { bind: '0.0.0.0', port: 443 }, ports: [80, 443] });
  await requireFree(taken, [serviceState(), front]);
});

test('rejects an address of another machine', async () => {
  expect(await caught(() => requireFree({ '0.0.0.0:443': 'not-local' }))).toMatchObject({
    code: 'bind_not_local',
    exitCode: EXIT.usage,
  });
});
