import { describe, expect, it } from 'vitest';
import type { ProcessHandle } from '../../../../../src/io/processes/process-table.ts';
import type { ServiceEnd } from '../../../../../src/runtime/native/supervisor/service-process.ts';
import type { ServiceRecord } from '../../../../../src/runtime/native/supervisor/service-record.ts';
import { supervise } from '../../../../../src/runtime/native/supervisor/supervise.ts';
import { GENERATION, type SupervisedService } from '../../../../../src/runtime/native/supervisor/supervised-service.ts';
import { fakeClock } from '../../../../support/fake-clock.ts';
import { fakeFiles } from '../../../../support/fake-files.ts';
import { fakeProcesses } from '../../../../support/fake-processes.ts';

const RECORD = '/project/native/litellm.json';

const service: SupervisedService = {
  service: 'litellm',
  file: 'litellm',
  args: [],
  env: {},
  cwd: '/',
  stopSignal: 'SIGTERM',
  stopWithin: 10_000,
  log: '/project/native/logs/litellm.log',
  record: RECORD,
  image: 'litellm==1.108.11',
  version: '1.108.11',
  published: { bind: '127.0.0.1', port: 4000 },
  configuration: 'a-hash',
};

/** One start of the service: how it ends by itself, and after how long. */
interface Run {
  readonly exitCode: number;
  readonly ranMs?: number;
  readonly error?: string;
  /** Runs until it is stopped. */
  readonly stays?: true;
}

interface SetUp {
  readonly runs: readonly (Run | Error)[];
  /** What becomes of a signal; by itself each ends the service. */
  readonly ignores?: readonly NodeJS.Signals[];
}

/** Process ids are 101, 102, …; the clock moves on while the service runs. */
function setUp({ runs, ignores = [] }: SetUp) {
  const files = fakeFiles();
  const records: ServiceRecord[] = [];
  let now = 0;
  const clock = fakeClock();
  const moving = { ...clock, now: () => clock.now() + now };
  const stop = new AbortController();
  let end: (how: ServiceEnd) => void = () => undefined;
  const onSignal = (signal: NodeJS.Signals, { pid }: ProcessHandle) => {
    if (ignores.includes(signal)) return;
    processes.alive.delete(pid);
    end({ exitCode: signal === 'SIGKILL' ? 137 : 0, error: '' });
  };
  const processes = fakeProcesses({}, onSignal);
  let started = 0;
  let begun = 0;
  const options = {
    self: { pid: 10, identity: 'supervisor' },
    clock: moving,
    processes,
    stop: stop.signal,
    onBegun: () => {
      begun += 1;
    },
    files: {
      ...files,
      async write(path: string, text: string, mode: number) {
        await files.write(path, text, mode);
        records.push(JSON.parse(text));
      },
    },
    startProcess() {
      const run = runs[started];
      started += 1;
      if (!run) throw new Error('it was not to be started again');
      if (run instanceof Error) throw run;
      const pid = run.error === undefined ? 100 + started : undefined;
      if (pid !== undefined) processes.alive.set(pid, `child ${pid}`);
      const ended = new Promise<ServiceEnd>((resolve) => {
        end = resolve;
        if (run.stays) return;
        setImmediate(() => {
          now += run.ranMs ?? 0;
          if (pid !== undefined) processes.alive.delete(pid);
          resolve({ exitCode: run.exitCode, error: run.error ?? '' });
        });
      });
      return { pid, ended };
    },
  };
  const until = async (done: () => boolean) => {
    while (!done()) await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, files, records, processes, stop, options, until, begun: () => begun, started: () => started };
}

const crash = (exitCode: number, ranMs = 0): Run => ({ exitCode, ranMs });
const stays: Run = { exitCode: 0, stays: true };

describe('a service that ends', () => {
  it('restarts a service after increasing delays', async () => {
    const { options, clock, stop, until, started, records } = setUp({
      runs: [crash(1), crash(2), crash(3), crash(4), crash(5), stays],
    });
    const over = supervise(service, options);
    await until(() => started() === 6 && records.at(-1)?.status === 'running');
    expect(clock.sleeps).toEqual([500, 1000, 2000, 4000, 8000]);
    expect(records.at(-1)).toMatchObject({ restarts: 5, child: { pid: 106, identity: 'child 106' } });
    expect(records.filter(({ status }) => status === 'restarting').map(({ exitCode }) => exitCode)).toEqual([
      1, 2, 3, 4, 5,
    ]);
    stop.abort();
    await over;
  });

  it('starts a service once no process of an earlier run is left', async () => {
    const { options, processes, stop, until, begun, started } = setUp({ runs: [stays] });
    processes.alive.set(77, 'worker');
    const worker = { pid: 77, identity: 'worker' };
    const workers = { folder: '/project/pgdata', title: 'postgres: ' };
    let looks = 0;
    const leftBehind = async (folder: string, title: string) => {
      expect([{ folder, title }, started()]).toEqual([workers, 0]);
      looks += 1;
      return looks < 3 ? [worker] : [];
    };
    const over = supervise({ ...service, workers }, { ...options, processes: { ...processes, leftBehind } });
    await until(() => begun() === 1);
    expect(processes.sent[0]).toBe('SIGTERM 77');
    expect(looks).toBe(3);
    stop.abort();
    await over;
  });

  it('starts a service anyway when processes of an earlier run do not end', async () => {
    const { options, clock, stop, until, begun } = setUp({ runs: [stays] });
    const leftBehind = async () => [{ pid: 77, identity: 'worker' }];
    const workers = { folder: '/project/pgdata', title: 'postgres: ' };
    const over = supervise({ ...service, workers }, { ...options, processes: { ...options.processes, leftBehind } });
    await until(() => begun() === 1);
    expect(clock.sleeps.reduce((sum, ms) => sum + ms, 0)).toBe(5000);
    stop.abort();
    await over;
  });

  it('gives up after six crashes in a row, and records the cause', async () => {
    const { options, records, started, clock } = setUp({ runs: Array.from({ length: 6 }, () => crash(3)) });
    await supervise(service, options);
    expect(started()).toBe(6);
    expect(clock.sleeps).toEqual([500, 1000, 2000, 4000, 8000]);
    expect(records.at(-1)).toMatchObject({
      status: 'exited',
      exitCode: 3,
      restarts: 5,
      error: 'gave up: it exited 6 times in a row, the last time with code 3',
    });
  });

  it('does not give up when the service ran well in between', async () => {
    const runs = [crash(1), crash(1), crash(1), crash(1), crash(1), crash(1, 20_000), crash(1), stays];
    const { options, clock, stop, until, started } = setUp({ runs });
    const over = supervise(service, options);
    await until(() => started() === 8);
    expect(clock.sleeps).toEqual([500, 1000, 2000, 4000, 8000, 500, 1000]);
    stop.abort();
    await over;
  });

  it('gives up on a service that cannot be started, and records the reason', async () => {
    const error = 'spawn litellm ENOENT';
    const { options, records, processes, begun } = setUp({
      runs: Array.from({ length: 6 }, () => ({ exitCode: 127, error })),
    });
    await supervise(service, options);
    expect(records.at(-1)).toMatchObject({ status: 'exited', child: null, error: `gave up: ${error}` });
    expect(begun()).toBe(6);
    expect(processes.sent).toEqual([]);
  });

  it('tries again when the log cannot be opened', async () => {
    const { options, records, stop, until, started } = setUp({ runs: [new Error('ENOSPC: disk full'), stays] });
    const over = supervise(service, options);
    await until(() => started() === 2 && records.at(-1)?.status === 'running');
    expect(records).toContainEqual(expect.objectContaining({ status: 'restarting', error: 'ENOSPC: disk full' }));
    stop.abort();
    await over;
  });

  it('ends the processes left in the group of the service', async () => {
    const { options, processes, stop, until, started } = setUp({ runs: [crash(1), stays] });
    const over = supervise(service, options);
    await until(() => started() === 2);
    expect(processes.sent).toEqual(['SIGKILL -101']);
    stop.abort();
    await over;
  });

  it('leaves alone another process that now has the id of the service', async () => {
    const { options, processes, stop, until, started } = setUp({ runs: [stays, stays] });
    const over = supervise(service, options);
    await until(() => started() === 1);
    processes.alive.set(101, 'somebody else');
    stop.abort();
    await until(() => stop.signal.aborted);
    await new Promise((resolve) => setImmediate(resolve));
    expect(processes.sent).toEqual([]);
    expect(processes.alive.get(101)).toBe('somebody else');
    void over;
  });

  it('removes stale files before each start', async () => {
    const staleFile = '/data/postmaster.pid';
    const { options, files, stop, until, started } = setUp({ runs: [crash(1), stays] });
    await files.write(staleFile, '4711', 0o600);
    const over = supervise({ ...service, staleFiles: [staleFile] }, options);
    await until(() => started() === 2);
    expect(files.all.has(staleFile)).toBe(false);
    stop.abort();
    await over;
  });
});

describe('a stop', () => {
  it('signals the service, and records its exit code', async () => {
    const { options, processes, records, stop, until, begun } = setUp({ runs: [stays] });
    const over = supervise(service, options);
    await until(() => begun() === 1);
    stop.abort();
    await over;
    expect(processes.sent).toEqual(['SIGTERM 101', 'SIGKILL -101']);
    expect(records.at(-1)).toMatchObject({ status: 'exited', exitCode: 0, error: '', restarts: 0 });
    expect(records.map(({ status }) => status)).toEqual(['running', 'exited']);
  });

  it('signals a database with SIGINT, as PostgreSQL expects', async () => {
    const { options, processes, stop, until, begun } = setUp({ runs: [stays] });
    const over = supervise({ ...service, stopSignal: 'SIGINT', stopWithin: 60_000 }, options);
    await until(() => begun() === 1);
    stop.abort();
    await over;
    expect(processes.sent[0]).toBe('SIGINT 101');
  });

  it('kills a service and its group when it does not end in time', async () => {
    const { options, processes, records, stop, until, begun } = setUp({ runs: [stays], ignores: ['SIGTERM'] });
    const over = supervise(service, options);
    await until(() => begun() === 1);
    stop.abort();
    await over;
    expect(processes.sent.slice(0, 2)).toEqual(['SIGTERM 101', 'SIGKILL -101']);
    expect(records.at(-1)).toMatchObject({ status: 'exited', exitCode: 137 });
  });

  it('ends a restart delay, and starts nothing', async () => {
    const { options, records, stop, until, started, clock } = setUp({ runs: [crash(7)] });
    const waiting = { ...options, clock: { ...options.clock, sleep: untilAborted } };
    const over = supervise(service, waiting);
    await until(() => records.at(-1)?.status === 'restarting');
    stop.abort();
    await over;
    expect(started()).toBe(1);
    expect(clock.sleeps).toEqual([]);
    expect(records.at(-1)).toMatchObject({ status: 'exited', exitCode: 7 });
  });

  it('ends the supervision when it comes before the start', async () => {
    const { options, processes, records, stop } = setUp({ runs: [stays] });
    stop.abort();
    await supervise(service, options);
    expect(processes.sent[0]).toBe('SIGTERM 101');
    expect(records.at(-1)?.status).toBe('exited');
  });
});

describe('the record', () => {
  it('records the options of the service and its processes', async () => {
    const { options, records, stop } = setUp({ runs: [stays] });
    stop.abort();
    await supervise(service, options);
    expect(records[0]).toEqual({
      status: 'running',
      supervisor: { pid: 10, identity: 'supervisor' },
      child: { pid: 101, identity: 'child 101' },
      restarts: 0,
      exitCode: 0,
      error: '',
      startedAt: Date.UTC(2026, 0, 1),
      image: 'litellm==1.108.11',
      version: '1.108.11',
      published: { bind: '127.0.0.1', port: 4000 },
      configuration: 'a-hash',
      generation: GENERATION,
    });
  });

  it('records no secret, and is readable for the owner alone', async () => {
    const { options, files, stop } = setUp({ runs: [stays] });
    stop.abort();
    await supervise({ ...service, env: { LITELLM_MASTER_KEY: 'sk-secret' } }, options);
    expect(files.all.get(RECORD)?.mode).toBe(0o600);
    expect(files.all.get(RECORD)?.text).not.toContain('sk-secret');
  });

  it('ends the service when the first record cannot be written', async () => {
    const { options, processes, begun } = setUp({ runs: [stays] });
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    const files = {
      ...options.files,
      async write() {
        throw full;
      },
    };
    await expect(supervise(service, { ...options, files })).rejects.toBe(full);
    expect(begun()).toBe(0);
    expect(processes.sent).toEqual(['SIGTERM 101', 'SIGKILL -101']);
  });

  it('keeps the service running when a later record cannot be written', async () => {
    const { options, records, stop, until, started } = setUp({ runs: [crash(1), stays] });
    let writes = 0;
    const files = {
      ...options.files,
      async write(path: string, text: string, mode: number) {
        writes += 1;
        if (writes > 1 && writes < 4) throw new Error('ENOSPC: no space left on device');
        await options.files.write(path, text, mode);
      },
    };
    const over = supervise(service, { ...options, files });
    await until(() => started() === 2);
    stop.abort();
    await over;
    expect(records.map(({ status }) => status)).toEqual(['running', 'exited']);
  });
});

async function untilAborted(_: number, signal?: AbortSignal): Promise<void> {
  await new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
}
