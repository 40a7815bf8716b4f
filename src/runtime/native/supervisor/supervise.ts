import type { Clock } from '../../../io/clock.ts';
import type { Files } from '../../../io/files/files.ts';
import type { ProcessHandle } from '../../../io/processes/process-table.ts';
import type { Processes } from '../../../io/processes/processes.ts';
import type { ServiceEnd, ServiceProcess, StartProcess } from './service-process.ts';
import type { ServiceRecord } from './service-record.ts';
import { GENERATION, type SupervisedService } from './supervised-service.ts';

export interface SuperviseOptions {
  readonly self: ProcessHandle;
  readonly files: Pick<Files, 'write' | 'remove'>;
  readonly clock: Clock;
  readonly processes: Pick<Processes, 'identity' | 'signal' | 'leftBehind'>;
  readonly startProcess: StartProcess;
  /** Aborted when the service must stop. */
  readonly stop: AbortSignal;
  /** Called whenever the service was started, or could not be started, and the record is written. */
  readonly onBegun: () => void;
}

const REMAINS_MS = 5000;
const POLL_MS = 50;

/** Runs a service and restarts it when it ends, until it must stop or has crashed too often in a row. */
export async function supervise(service: SupervisedService, options: SuperviseOptions): Promise<void> {
  const { clock, stop, onBegun } = options;
  let crashes = 0;
  for (let restarts = 0; ; restarts += 1) {
    const startedAt = clock.now();
    const { child, ended } = await start(service, options);
    const facts = { child, restarts, startedAt };
    const write = (part: Partial<ServiceRecord>) => writeRecord(service, options, { ...facts, ...part });
    const writeError = await write({ status: 'running' });
    // Without a record, nobody could find or stop it.
    if (writeError && restarts === 0) {
      await waitForEnd(service, child, ended, { ...options, stop: AbortSignal.abort() });
      throw writeError;
    }
    onBegun();
    const { exitCode, error } = await waitForEnd(service, child, ended, options);
    if (stop.aborted) return void (await write({ status: 'exited', exitCode }));
    crashes = countCrash(crashes, clock.now() - startedAt);
    const delay = nextRestart(crashes);
    if (delay === 'give-up') {
      const why = error || `it exited ${crashes} times in a row, the last time with code ${exitCode}`;
      return void (await write({ status: 'exited', exitCode, error: `gave up: ${why}` }));
    }
    await write({ status: 'restarting', exitCode, error });
    await clock.sleep(delay, stop).catch(() => undefined);
    if (stop.aborted) return void (await write({ status: 'exited', exitCode, error }));
  }
}

async function start(service: SupervisedService, options: SuperviseOptions) {
  const { files, processes, startProcess } = options;
  let process: ServiceProcess;
  try {
    await endRemains(service, options);
    for (const file of service.staleFiles ?? []) await files.remove(file);
    process = startProcess(service);
  } catch (error) {
    // Its log cannot be written, for example on a full disk. This is retried like any other exit.
    const why = error instanceof Error ? error.message : String(error);
    return { child: null, ended: Promise.resolve<ServiceEnd>({ exitCode: 127, error: why }) };
  }
  const { pid, ended } = process;
  const child = pid === undefined ? null : { pid, identity: (await processes.identity(pid)) ?? 'gone' };
  return { child, ended };
}

/** A query that continues after its server was killed holds the shared memory that the next server needs. */
async function endRemains({ workers }: SupervisedService, { clock, processes }: SuperviseOptions): Promise<void> {
  if (!workers) return;
  const deadline = clock.now() + REMAINS_MS;
  for (;;) {
    const remains = await processes.leftBehind(workers.folder, workers.title);
    if (remains.length === 0 || clock.now() >= deadline) return;
    for (const worker of remains) await processes.signal(worker, 'SIGTERM');
    await clock.sleep(POLL_MS);
  }
}

/** Waits until the service ends by itself or because of `stop`, then kills what is left in its process group. */
async function waitForEnd(
  { stopSignal, stopWithin }: SupervisedService,
  child: ProcessHandle | null,
  ended: Promise<ServiceEnd>,
  { clock, processes, stop }: SuperviseOptions,
): Promise<ServiceEnd> {
  const finished = new AbortController();
  const whenStopped = async () => {
    if (!child) return;
    await processes.signal(child, stopSignal);
    await clock.sleep(stopWithin, finished.signal).catch(() => undefined);
    if (!finished.signal.aborted) await processes.signal(child, 'SIGKILL', { group: true });
  };
  const onStop = () => void whenStopped();
  if (stop.aborted) onStop();
  else stop.addEventListener('abort', onStop, { once: true });
  const end = await ended;
  finished.abort();
  stop.removeEventListener('abort', onStop);
  if (child) await processes.signal(child, 'SIGKILL', { group: true });
  return end;
}

/**
 * Returns the error if the record cannot be written, for example on a full disk, because the service matters more than its
 * record.
 */
async function writeRecord(
  { record, image, version, published, corsOrigins, revision, configuration }: SupervisedService,
  { self, files }: SuperviseOptions,
  part: Partial<ServiceRecord> & Pick<ServiceRecord, 'child' | 'restarts' | 'startedAt'>,
): Promise<unknown> {
  const description = { image, version, published, corsOrigins, revision, configuration };
  const shared = { supervisor: self, ...description, generation: GENERATION };
  const whole: ServiceRecord = { ...shared, status: 'running', exitCode: 0, error: '', ...part };
  return files.write(record, `${JSON.stringify(whole)}\n`, 0o600).catch((error: unknown) => error);
}

/** A service that ran this long was stable, so its end is not part of a crash loop. */
const STABLE_MS = 20_000;

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
const GIVE_UP_AFTER = 6;

/** How long to wait before the next start, or `give-up`. `crashes` is how often in a row it ended before it was stable. */
export function nextRestart(crashes: number): number | 'give-up' {
  if (crashes >= GIVE_UP_AFTER) return 'give-up';
  return crashes === 0 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (crashes - 1), LONGEST_DELAY_MS);
}

/** The crashes in a row, after the service ended again; `ranMs` is how long it ran. */
export function countCrash(crashes: number, ranMs: number): number {
  return ranMs >= STABLE_MS ? 1 : crashes + 1;
}
