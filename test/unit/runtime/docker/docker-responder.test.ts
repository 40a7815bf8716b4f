import { expect, test } from 'vitest';
import { CliError } from '../../../../src/model/errors.ts';
import type { ServiceState } from '../../../../src/model/service.ts';
import { type DockerResponderOptions, dockerResponder } from '../../../../src/runtime/docker/docker-responder.ts';
import { caught } from '../../../support/caught.ts';
import { fakeClock } from '../../../support/fake-clock.ts';
import { fakeProcesses } from '../../../support/fake-processes.ts';
import { serviceState } from '../../../support/service-state.ts';

const ROOT = 0;
const [ME, ENGINE, STRANGER] = [1000, 1001, 65_533];
const published = { bind: '127.0.0.1', port: 4000 };
const proxy = (changes: Partial<ServiceState> = {}) => serviceState({ published, ...changes });
const database = (changes: Partial<ServiceState> = {}) => serviceState({ service: 'litellm-db', ...changes });

interface World extends Partial<DockerResponderOptions> {
  /** Looks give them in turn, the last for ever. */
  readonly looks?: readonly (readonly ServiceState[])[];
  readonly user?: number | undefined;
  readonly address?: string;
  readonly isClosed?: () => boolean;
}

function find({ looks = [[database(), proxy()]], user = ROOT, address = '127.0.0.1', isClosed, ...rest }: World) {
  const asked: string[] = [];
  const left = [...looks];
  const responder = dockerResponder({
    bind: '127.0.0.1',
    port: 4000,
    services: async () => {
      asked.push('services');
      return (left.length > 1 ? left.shift() : left[0]) ?? [];
    },
    isPublishedByOther: async () => false,
    engineOwner: async () => ENGINE,
    uid: ME,
    processes: { ...fakeProcesses(), servedBy: async () => user },
    clock: fakeClock(),
    ...rest,
  });
  const remote = { address, port: 4000 };
  const connection = { local: { address, port: 40_000 }, remote, isClosed: isClosed ?? (() => false) };
  return { asked, ask: () => responder(connection, new AbortController().signal) };
}

test.each([
  ['root, who runs the engine', {}],
  ['ourselves, with a rootless engine', { user: ME }],
  ['the user of the engine', { user: ENGINE }],
  ['a user that the system does not show', { user: undefined }],
  [
    'its container on all addresses',
    { bind: '0.0.0.0', looks: [[proxy({ published: { bind: '0.0.0.0', port: 4000 } })]] },
  ],
  [
    'its container, which the engine reports as running only now',
    { looks: [[proxy({ status: 'created' })], [proxy()]] },
  ],
])('recognises the gateway behind %s', async (_, world) => expect(await find(world).ask()).toEqual({ who: 'proxy' }));

test.each([
  ['another user has the port, whatever the engine says', { user: STRANGER }],
  ['there is no proxy', { looks: [[database()]] }],
  ['the proxy has ended', { looks: [[database(), proxy({ status: 'exited' })]] }],
  ['the proxy publishes another port', { looks: [[proxy({ published: { bind: '127.0.0.1', port: 4001 } })]] }],
  ['the proxy publishes another address', { looks: [[proxy({ published: { bind: '10.0.0.1', port: 4000 } })]] }],
  ['the connection goes to ::1, where it publishes nothing', { address: '::1' }],
  [
    'a container of another project has the port',
    { looks: [[proxy({ status: 'created' })], [proxy()]], isPublishedByOther: async () => true },
  ],
])('reports another responder when %s', async (_, world) => expect(await find(world).ask()).toEqual({ who: 'other' }));

test('waits one second for the gateway to run, and no longer', async () => {
  const clock = fakeClock();
  const { ask, asked } = find({ looks: [[proxy({ status: 'created' })]], clock });
  const began = clock.now();
  expect(await ask()).toEqual({ who: 'other' });
  expect(clock.now() - began).toBe(1000);
  expect(asked).toHaveLength(11);
});

test.each([
  ['the proxy', [database(), proxy({ status: 'paused' })], 'litellm'],
  ['its database', [database({ status: 'paused' }), proxy()], 'litellm-db'],
])('reports a paused service: %s', async (_, services, service) => {
  expect(await find({ looks: [services] }).ask()).toMatchObject({ who: 'paused', service: { service } });
});

test('does not report a closed connection as another responder', async () => {
  const world = { looks: [[proxy({ status: 'restarting' })]], isClosed: () => true };
  expect(await find(world).ask()).toEqual({ who: 'gone' });
});

test('fails when the engine does not respond, unless another user has the port', async () => {
  const down = new CliError('engine_unreachable', 'no engine answers');
  const services = () => Promise.reject(down);
  expect(await caught(() => find({ services }).ask())).toBe(down);
  expect(await find({ services, user: STRANGER }).ask()).toEqual({ who: 'other' });
});

test('caches the container list for one second', async () => {
  const clock = fakeClock();
  const { ask, asked } = find({ clock, seen: [database(), proxy()] });
  await ask();
  await ask();
  expect(asked).toEqual([]);
  await clock.sleep(1001);
  await Promise.all([ask(), ask()]);
  expect(asked).toEqual(['services']);
});
