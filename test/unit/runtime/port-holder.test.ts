import { expect, test } from 'vitest';
import type { Listener } from '../../../src/io/network/listener.ts';
import { findPortHolder, type PublishingContainer } from '../../../src/runtime/port-holder.ts';
import { portTaken } from '../../../src/runtime/port-taken.ts';

const by = (command: string | null, pid: number | null = 7): Listener => ({ pid, command, user: 'mallory' });
const web = { name: 'web', project: 'shop' };
const noEngine = () => Promise.reject(new Error('no engine answers'));

function find(listener: Listener | undefined, container: () => Promise<PublishingContainer | undefined>) {
  return findPortHolder(4000, { processes: { listener: async () => listener }, container });
}

test.each([
  ['docker-proxy', by('docker-proxy')],
  ['a program that we cannot inspect', by(null, null)],
  ['Docker Desktop', by('com.docker.backend')],
  ["a virtual machine's ssh", by('ssh')],
  ['rootless Podman', by('rootlessport')],
  ['no visible program', undefined],
])('names the container behind %s', async (_, listener) => {
  expect(await find(listener, async () => web)).toEqual({
    name: 'container web (project shop)',
    stop: 'Stop it: docker stop web',
  });
});

test.each([
  ['a container that the engine does not know', by('docker-proxy'), 'a container', 'docker ps --filter publish=4000'],
  ['a program', by('caddy'), 'process 7 (caddy)', 'kill 7'],
  ['an ssh of our own', by('ssh'), 'process 7 (ssh)', 'kill 7'],
  ['another user', by(null, null), 'a program of user mallory', 'Stop that program'],
])('names %s', async (_, listener, name, stop) => {
  expect(await find(listener, noEngine)).toEqual({ name, stop: expect.stringContaining(stop) });
  expect((await find(by('docker-proxy'), noEngine))?.stop).not.toContain('kill');
});

test('does not ask the engine about an unrelated program', async () => {
  const surprise = () => Promise.reject(new Error('asked'));
  expect(
    await findPortHolder(1, { processes: { listener: async () => by('node') }, container: surprise }),
  ).toMatchObject({
    name: 'process 7 (node)',
  });
});

test('names no program when none can be seen', async () => {
  expect(await find(undefined, async () => undefined)).toBeUndefined();
  const ports = { probe: async (_: string, port: number) => (port < 4003 ? 'taken' : 'free') as 'taken' | 'free' };
  const taken = { bind: '127.0.0.1', port: 4000, flag: '--port', holder: undefined } as const;
  expect(await portTaken(taken, ports)).toMatchObject({
    code: 'port_taken',
    exitCode: 6,
    message: 'Port 4000 on 127.0.0.1 is already in use by another program',
    hint: 'Stop that program\nOr use another port: agents-llm up --port 4003',
    details: { bind: '127.0.0.1', port: 4000, holder: null },
  });
});
