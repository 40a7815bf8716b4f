import { describe, expect, it } from 'vitest';
import { interruption } from '../../../../src/model/errors.ts';
import type { ServiceState } from '../../../../src/model/service.ts';
import type { ProxyHealth } from '../../../../src/stack/health/proxy-health.ts';
import { waitUntilReady, watchStart } from '../../../../src/stack/health/readiness.ts';
import { fakeClock } from '../../../support/fake-clock.ts';
import { serviceState } from '../../../support/service-state.ts';

const database = (changes: Partial<ServiceState> = {}) => serviceState({ service: 'litellm-db', ...changes });
const silent: ProxyHealth = { state: 'silent', code: 'ECONNREFUSED' };
const ready = { state: 'ready', version: '1.108.11', keys: 0 } as const;

/** The last entry of each list goes on for ever. */
function scenario(looks: ServiceState[][], probes: ProxyHealth[] = [silent], timeoutMs = 60_000) {
  const clock = fakeClock();
  const controller = new AbortController();
  const phases: string[] = [];
  const next = <Item>(list: Item[]) => (list.length > 1 ? list.shift() : list[0]) as Item;
  return {
    clock,
    controller,
    phases,
    options: {
      clock,
      signal: controller.signal,
      deadline: clock.now() + timeoutMs,
      services: async () => next(looks),
      probe: async () => next(probes),
      onPhase: (phase: string) => void (phases.at(-1) === phase || phases.push(phase)),
    },
  };
}

describe('waitUntilReady', () => {
  it('reports the phases and ends with the first ready answer', async () => {
    const looks = [
      [database({ health: 'starting' })],
      [database(), serviceState({ status: 'created' })],
      [database(), serviceState({ health: 'starting' })],
    ];
    const { options, phases, clock } = scenario(looks, [...Array<ProxyHealth>(12).fill(silent), ready]);
    expect(await waitUntilReady(options)).toEqual({ end: 'ready', health: ready });
    expect(phases).toEqual([
      'Starting the database',
      'Starting the gateway',
      'Migrating the database and loading the gateway',
    ]);
    expect(clock.sleeps).toEqual(Array(12).fill(50));
  });

  it.each([
    [{ state: 'not-responding' }, 20_000],
    [{ state: 'database-lost' }, 45_000],
    [{ state: 'tls-silent', code: 'ETIMEDOUT' }, 60_000],
  ] as const)('stops early when a gateway that was up has failed: %o', async (health, patience) => {
    const { options, clock } = scenario([[database(), serviceState()]], [silent, health], 600_000);
    const began = clock.now();
    expect(await waitUntilReady(options)).toEqual({ end: 'stuck', health });
    expect(clock.now() - began).toBeGreaterThanOrEqual(patience);
    expect(clock.now() - began).toBeLessThan(patience + 1000);
  });

  it.each([
    ['a service is still starting', [database(), serviceState({ health: 'starting' })], [{ state: 'not-responding' }]],
    ['it answers something else in between', [database(), serviceState()], undefined],
  ] as const)('keeps waiting while %s', async (_, services, probes) => {
    const often = Array.from(
      { length: 1200 },
      (__, n): ProxyHealth => (n % 50 === 49 ? silent : { state: 'not-responding' }),
    );
    const { options } = scenario([[...services]], probes ? [...probes] : often, 50_000);
    expect(await waitUntilReady(options)).toMatchObject({ end: 'timeout' });
  });

  it('polls less often the longer it waits, and adds less than 0.5 % to the wait', async () => {
    const { options, clock } = scenario([[database(), serviceState({ health: 'starting' })]], [silent], 600_000);
    const began = clock.now();
    expect(await waitUntilReady(options)).toMatchObject({ end: 'timeout' });
    let waited = 0;
    for (const sleep of clock.sleeps) {
      expect(sleep).toBeLessThanOrEqual(Math.max(50, waited / 200 + 0.001));
      waited += sleep;
    }
    expect(waited).toBeCloseTo(clock.now() - began);
    expect(clock.sleeps.length).toBeLessThan(2000);
  });

  it('does not mention an external database', async () => {
    const looks = [[], [serviceState({ status: 'created' })], [serviceState({ health: 'starting' })]];
    const { options, phases } = scenario(looks, [...Array<ProxyHealth>(12).fill(silent), ready]);
    expect(await waitUntilReady({ ...options, externalDatabase: true })).toEqual({ end: 'ready', health: ready });
    expect(phases).toEqual(['Starting the gateway', 'Migrating the database and loading the gateway']);
  });

  it('tells the probe whether the gateway is running, because only then the port is its own', async () => {
    const { options } = scenario([
      [database(), serviceState({ status: 'created' })],
      [database(), serviceState()],
    ]);
    const own: boolean[] = [];
    const probe = async (ownProxy: boolean) => (own.push(ownProxy) > 5 ? ready : silent);
    await waitUntilReady({ ...options, probe });
    expect(own).toEqual([false, false, false, false, false, true]);
  });

  it.each([
    ['has ended', { status: 'exited', exitCode: 2 }],
    ['is being restarted', { status: 'restarting' }],
    ['is dead', { status: 'dead' }],
  ] as const)('stops at once when a service %s', async (_, changes) => {
    const { options, clock } = scenario([[database(), serviceState(changes)]]);
    expect(await waitUntilReady(options)).toMatchObject({ end: 'failed', service: { service: 'litellm', ...changes } });
    expect(clock.sleeps).toEqual([]);
  });

  it('notices a restart between two polls but ignores earlier restarts', async () => {
    const { options } = scenario([[serviceState({ restarts: 4 })], [serviceState({ restarts: 5 })]]);
    expect(await waitUntilReady(options)).toMatchObject({ end: 'failed', service: { restarts: 5 } });
    const old = scenario([[serviceState({ restarts: 4 })]], [silent, ready]);
    expect(await waitUntilReady(old.options)).toMatchObject({ end: 'ready' });
  });

  it.each([
    ['now fails its health check', [{ health: 'starting' }, { health: 'unhealthy' }]],
    ['fails it again', [{ health: 'unhealthy' }, { health: 'healthy' }, { health: 'unhealthy' }]],
  ] as const)('stops when a service %s', async (_, course) => {
    const { options } = scenario(course.map((changes) => [database(), serviceState(changes)]));
    expect(await waitUntilReady(options)).toMatchObject({ end: 'failed', service: { health: 'unhealthy' } });
  });

  it('gives a service time to recover when it was unhealthy before', async () => {
    const sick = [database(), serviceState({ health: 'unhealthy' })];
    const lost: ProxyHealth = { state: 'database-lost' };
    const { options } = scenario([sick], [...Array<ProxyHealth>(9).fill(lost), ready]);
    expect(await waitUntilReady(options)).toMatchObject({ end: 'ready' });
    expect(await waitUntilReady(scenario([sick], [lost], 1000).options)).toMatchObject({
      end: 'timeout',
      health: lost,
    });
  });

  it('counts the restarts of a new container from zero', async () => {
    const looks = [[serviceState({ id: 'old', restarts: 0 })], [serviceState({ id: 'new', restarts: 1 })]];
    const { options } = scenario(looks, [...Array<ProxyHealth>(9).fill(silent), ready]);
    expect(await waitUntilReady(options)).toMatchObject({ end: 'ready' });
  });

  it.each([
    [{ state: 'key-refused' } as const, { end: 'key-refused' }],
    [{ state: 'other-program', answer: 'HTTP 404' } as const, { end: 'other-program', answer: 'HTTP 404' }],
  ])('stops at once on %o', async (health, expected) => {
    expect(await waitUntilReady(scenario([[database(), serviceState()]], [silent, health]).options)).toEqual(expected);
  });

  it('times out and reports the phase', async () => {
    const { options, clock } = scenario([[database(), serviceState({ health: 'starting' })]], [silent], 1000);
    expect(await waitUntilReady(options)).toEqual({
      end: 'timeout',
      health: silent,
      phase: 'Migrating the database and loading the gateway',
    });
    expect(clock.sleeps.reduce((sum, ms) => sum + ms)).toBe(1000);
  });

  it('stops with the reason of its abort signal', async () => {
    const { options, controller } = scenario([[database()]]);
    const waiting = waitUntilReady(options);
    controller.abort(interruption('SIGTERM'));
    await expect(waiting).rejects.toMatchObject({ code: 'terminated', exitCode: 143 });
  });
});

describe('watchStart', () => {
  const isReplaced = ({ image }: ServiceState) => image === 'old:1';

  it('ignores containers that have not started yet and stops with its abort signal', async () => {
    const { options, controller, phases } = scenario([[database({ status: 'exited' })], [database()]]);
    const watch = watchStart({ ...options, isReplaced });
    setImmediate(() => controller.abort());
    expect(await watch).toBeUndefined();
    expect(phases[0]).toBe('Starting the database');
  });

  it('resolves with a database that keeps restarting', async () => {
    const { options } = scenario([[database({ restarts: 0 })], [database({ restarts: 1 })]]);
    expect(await watchStart({ ...options, isReplaced })).toMatchObject({ service: 'litellm-db', restarts: 1 });
  });

  it('ignores a gateway that became unhealthy without its database', async () => {
    const sick = serviceState({ health: 'unhealthy' });
    const { options, controller } = scenario([
      [database({ status: 'exited' }), sick],
      [database({ health: 'starting' }), sick],
    ]);
    const watch = watchStart({ ...options, isReplaced });
    setImmediate(() => controller.abort());
    expect(await watch).toBeUndefined();
  });

  it('resolves with a service that becomes unhealthy', async () => {
    const { options } = scenario([[database({ health: 'starting' })], [database({ health: 'unhealthy' })]]);
    expect(await watchStart({ ...options, isReplaced })).toMatchObject({ service: 'litellm-db', health: 'unhealthy' });
  });

  it('reports stopped services before started ones', async () => {
    const old = (service: 'litellm' | 'litellm-db', status: 'running' | 'exited' = 'running') =>
      serviceState({ service, id: `old ${service}`, image: 'old:1', status });
    const { options, controller, phases } = scenario([
      [old('litellm-db'), old('litellm')],
      [old('litellm-db'), old('litellm', 'exited')],
      [old('litellm-db', 'exited'), old('litellm', 'exited')],
      [database(), serviceState({ status: 'created' })],
    ]);
    const onPhase = (phase: string) => {
      options.onPhase(phase);
      if (phase === 'Starting the gateway') controller.abort();
    };
    expect(await watchStart({ ...options, onPhase, isReplaced })).toBeUndefined();
    expect(phases).toEqual([
      'Stopping the gateway',
      'Stopping the database',
      'Starting the database',
      'Starting the gateway',
    ]);
  });

  it('ignores the exit of a replaced container but not of the new one', async () => {
    const old = (restarts: number) => serviceState({ id: 'old', image: 'old:1', restarts });
    const next = (restarts: number) => serviceState({ id: 'new', restarts });
    const { options } = scenario([[old(1)], [old(2)], [next(0)], [next(1)]]);
    expect(await watchStart({ ...options, isReplaced })).toMatchObject({ id: 'new', restarts: 1 });
  });
});
