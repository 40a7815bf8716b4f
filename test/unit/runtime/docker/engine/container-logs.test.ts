import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RunOptions } from '../../../../../src/io/processes/runner.ts';
import { EXIT } from '../../../../../src/model/errors.ts';
import type { LogLine, LogQuery, ServiceName, ServiceState, ServiceStatus } from '../../../../../src/model/service.ts';
import { containerLogs } from '../../../../../src/runtime/docker/engine/container-logs.ts';
import { dockerCli } from '../../../../../src/runtime/docker/engine/docker-cli.ts';
import { fakeClock } from '../../../../support/fake-clock.ts';
import { type FakeCommand, fakeRunner } from '../../../../support/fake-runner.ts';

const at = (seconds: number) => `2026-01-01T00:00:0${seconds}.000000000Z`;
const both = ['litellm-db', 'litellm'] as const;

function state(service: ServiceName, status: ServiceStatus, id = service): ServiceState {
  const nothing = {
    health: 'none',
    restarts: 0,
    exitCode: 0,
    error: '',
    startedAt: null,
    image: '',
    version: null,
  } as const;
  return { ...nothing, service, id, status, published: null };
}

/** `states` are given in turn, the last of them again and again. */
function setUp(
  table: readonly FakeCommand[],
  states: readonly (readonly ServiceState[])[],
  abort = new AbortController(),
) {
  const runner = fakeRunner(table);
  const { signal } = abort;
  const left = [...states];
  const options = {
    docker: dockerCli({ runner, env: {}, signal }),
    services: async () => (left.length > 1 ? left.shift() : left[0]) ?? [],
    clock: fakeClock(Date.parse('2026-01-01T00:10:00Z')),
    signal,
    endpoint: 'unix:///x.sock',
    platform: 'linux',
  } as const;
  const read = async (query: Partial<LogQuery>) => {
    const lines: LogLine[] = [];
    for await (const line of containerLogs({ services: both, follow: false, ...query }, options)) lines.push(line);
    return lines.map(({ service, text }) => `${service} ${text}`);
  };
  return { runner, read, options };
}

const running = both.map((service) => state(service, 'running'));
const stopped = both.map((service) => state(service, 'exited'));
const untilAborted = ({ signal }: RunOptions) =>
  new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));

test('merges the services by time', async () => {
  const { runner, read } = setUp(
    [
      {
        line: 'docker logs --timestamps litellm-db',
        result: { stdout: `${at(1)} a\n${at(4)} d\n`, stderr: `${at(2)} b\n` },
      },
      { line: 'docker logs --timestamps litellm', result: { stdout: `${at(3)} c\n` } },
    ],
    [running],
  );
  expect(await read({})).toEqual(['litellm-db a', 'litellm-db b', 'litellm c', 'litellm-db d']);
  runner.assertDone();
});

test.each([
  [{ tail: 5 }, '--tail 5'],
  [{ tail: 0 }, '--tail 0'],
  [{ since: '10m' }, '--since 2026-01-01T00:00:00.000Z'],
  [{ since: '2025-12-24T00:00:00+02:00' }, '--since 2025-12-24T00:00:00+02:00'],
  [{ tail: 1, since: '1h30m' }, '--tail 1 --since 2025-12-31T22:40:00.000Z'],
])('passes %j to docker logs', async (query, flags) => {
  const { runner, read } = setUp([{ line: `docker logs --timestamps ${flags} litellm` }], [running]);
  expect(await read({ services: ['litellm'], ...query })).toEqual([]);
  runner.assertDone();
});

test('returns nothing without containers, even with follow', async () => {
  const { runner, read } = setUp([], [[]]);
  expect(await read({})).toEqual([]);
  expect(await read({ follow: true })).toEqual([]);
  runner.assertDone();
});

test('follows from the end of the history until nothing runs', async () => {
  const { runner, read } = setUp(
    [
      { line: 'docker logs --timestamps --tail 9 litellm-db', result: { stdout: `${at(1)} a\n` } },
      { line: 'docker logs --timestamps --tail 9 litellm' },
      {
        line: `docker logs --timestamps --since ${at(1)} -f litellm-db`,
        result: { stdout: `${at(1)} a\n${at(2)} b\n` },
      },
      { line: 'docker logs --timestamps -f litellm', result: { stdout: `${at(3)} c\n` } },
    ],
    [running, stopped],
  );
  expect(await read({ follow: true, tail: 9 })).toEqual(['litellm-db a', 'litellm-db b', 'litellm c']);
  runner.assertDone();
});

test('follows without history when none is wanted', async () => {
  const { runner, read } = setUp(
    [
      { line: 'docker logs --timestamps --tail 0 litellm' },
      { line: 'docker logs --timestamps --tail 0 -f litellm', result: { stdout: `${at(3)} c\n` } },
    ],
    [running, stopped],
  );
  expect(await read({ services: ['litellm'], follow: true, tail: 0 })).toEqual(['litellm c']);
  runner.assertDone();
});

test('continues with a container that is restarted or replaced', async () => {
  const { runner, read } = setUp(
    [
      { line: 'docker logs --timestamps litellm', result: { stdout: `${at(1)} a\n` } },
      { line: `docker logs --timestamps --since ${at(1)} -f litellm`, result: { stdout: `${at(2)} b\n` } },
      { line: `docker logs --timestamps --since ${at(2)} -f new`, result: { stdout: `${at(2)} b\n${at(3)} c\n` } },
    ],
    [running, [state('litellm', 'restarting')], [state('litellm', 'running', 'new' as ServiceName)], stopped],
  );
  expect(await read({ services: ['litellm'], follow: true })).toEqual(['litellm a', 'litellm b', 'litellm c']);
  runner.assertDone();
});

test('shows no old lines after a restart when none were wanted', async () => {
  const { runner, read } = setUp(
    [
      { line: 'docker logs --timestamps --tail 0 litellm' },
      { line: 'docker logs --timestamps --tail 0 -f litellm' },
      { line: 'docker logs --timestamps --since 2026-01-01T00:10:00.000Z -f litellm' },
    ],
    [running, running, stopped],
  );
  expect(await read({ services: ['litellm'], follow: true, tail: 0 })).toEqual([]);
  runner.assertDone();
});

test('treats a removed container as one without more lines', async () => {
  const stderr = 'Error response from daemon: No such container: litellm\n';
  const { read } = setUp([{ line: 'docker logs --timestamps litellm', result: { exitCode: 1, stderr } }], [running]);
  expect(await read({ services: ['litellm'] })).toEqual([]);
});

test('reports a log that cannot be read', async () => {
  const stderr = 'Error response from daemon: configured logging driver does not support reading\n';
  const { read } = setUp([{ line: 'docker logs --timestamps litellm', result: { exitCode: 1, stderr } }], [running]);
  await expect(read({ services: ['litellm'] })).rejects.toMatchObject({
    code: 'compose_failed',
    exitCode: EXIT.notReady,
    message: expect.stringContaining('does not support reading'),
    hint: 'Read it directly: docker logs litellm',
  });
});

test('reports an engine that stops responding', async () => {
  const stderr = 'Cannot connect to the Docker daemon at unix:///x.sock.\n';
  const { read } = setUp([{ line: 'docker logs --timestamps litellm', result: { exitCode: 1, stderr } }], [running]);
  await expect(read({ services: ['litellm'] })).rejects.toMatchObject({
    code: 'engine_unreachable',
    exitCode: EXIT.prerequisite,
    hint: 'Start it: sudo systemctl start docker',
  });
});

test('ends at once with the reason of the signal', async () => {
  const abort = new AbortController();
  const reason = new Error('interrupted');
  const { runner, read } = setUp(
    [
      { line: 'docker logs --timestamps litellm' },
      { line: 'docker logs --timestamps -f litellm', result: () => new Promise<never>(() => undefined) },
    ],
    [running],
    abort,
  );
  const reading = read({ services: ['litellm'], follow: true });
  await delay(10);
  abort.abort(reason);
  await expect(reading).rejects.toBe(reason);
  runner.assertDone();
});

test('ends its child processes when the reader stops', async () => {
  const { runner, options } = setUp(
    [
      { line: 'docker logs --timestamps litellm' },
      {
        line: 'docker logs --timestamps -f litellm',
        result: (given) => {
          given.onLine?.(`${at(1)} a`, 'stdout');
          return untilAborted(given);
        },
      },
    ],
    [running],
  );
  for await (const line of containerLogs({ services: ['litellm'], follow: true }, options)) {
    expect(line.text).toBe('a');
    break;
  }
  expect(runner.calls[1]?.options.signal?.aborted).toBe(true);
  runner.assertDone();
});
