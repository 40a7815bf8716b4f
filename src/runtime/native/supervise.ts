import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import type { Clock } from '../../io/clock.ts';
import type { Files } from '../../io/files.ts';
import type { Processes, ProcessHandle } from '../../io/processes.ts';
import { countCrash, nextRestart } from './restart-policy.ts';
import type { ServiceRecord } from './service-record.ts';
import type { SupervisedService } from './supervised-service.ts';

export interface SuperviseOptions {
  readonly self: ProcessHandle;
  readonly files: Pick<Files, 'write' | 'remove'>;
  readonly clock: Clock;
  readonly processes: Processes;
  /** Aborted when the service is to end. */
  readonly stop: AbortSignal;
  /** Called when it runs for the first time, or cannot be run at all. */
  readonly onBegun: () => void;
}

interface End {
  readonly exitCode: number;
  /** Empty unless it could not be started. */
  readonly error: string;
}

/** Runs a service and starts it again when it ends, until it is to stop or has crashed too often in a row. */
export async function supervise(service: SupervisedService, options: SuperviseOptions): Promise<void> {
  const { clock, stop, onBegun } = options;
  let crashes = 0;
  for (let restarts = 0; ; restarts += 1) {
    const startedAt = clock.now();
    const { child, ended } = await startService(service, options);
    const facts = { child, restarts, startedAt };
    const write = (part: Partial<ServiceRecord>) => writeRecord(service, options, { ...facts, ...part });
    await write({ status: 'running' });
    onBegun();
    const { exitCode, error } = await endOf(service, child, ended, options);
    if (stop.aborted) return write({ status: 'exited', exitCode });
    crashes = countCrash(crashes, clock.now() - startedAt);
    const delay = nextRestart(crashes);
    if (delay === 'give-up') {
      const why = error || `it ended ${crashes} times in a row, at last with exit code ${exitCode}`;
      return write({ status: 'exited', exitCode, error: `given up: ${why}` });
    }
    await write({ status: 'restarting', exitCode, error });
    await clock.sleep(delay, stop).catch(() => undefined);
    if (stop.aborted) return write({ status: 'exited', exitCode, error });
  }
}

async function startService(service: SupervisedService, { files, processes }: SuperviseOptions) {
  const { file, args, env, cwd, user, log: path, staleFiles = [] } = service;
  for (const file of staleFiles) await files.remove(file);
  const log = openSync(path, 'a', 0o600);
  // A group of its own, so that what it leaves behind can be ended with it.
  const process = spawn(file, args, { env: { ...env }, cwd, ...user, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = new Promise<End>((resolve) => {
    process.once('error', (error) => resolve({ exitCode: 127, error: error.message }));
    process.once('exit', (code, signal) => {
      resolve({ exitCode: code ?? 128 + (signal ? constants.signals[signal] : 0), error: '' });
    });
  });
  const identity = process.pid === undefined ? undefined : await processes.identity(process.pid);
  const child = process.pid === undefined ? null : { pid: process.pid, identity: identity ?? 'gone' };
  return { child, ended };
}

/** Waits for its end, which a stop brings about; what it left behind in its group is gone then too. */
async function endOf(
  { stopSignal, stopWithin }: SupervisedService,
  child: ProcessHandle | null,
  ended: Promise<End>,
  { clock, processes, stop }: SuperviseOptions,
): Promise<End> {
  const over = new AbortController();
  const whenStopped = async () => {
    if (!child) return;
    await processes.signal(child, stopSignal);
    await clock.sleep(stopWithin, over.signal).catch(() => undefined);
    if (!over.signal.aborted) await processes.signal(child, 'SIGKILL', { group: true });
  };
  const onStop = () => void whenStopped();
  if (stop.aborted) onStop();
  else stop.addEventListener('abort', onStop, { once: true });
  const end = await ended;
  over.abort();
  stop.removeEventListener('abort', onStop);
  if (child) await processes.signal(child, 'SIGKILL', { group: true });
  return end;
}

async function writeRecord(
  { record, image, version, published, configuration }: SupervisedService,
  { self, files }: SuperviseOptions,
  part: Partial<ServiceRecord> & Pick<ServiceRecord, 'child' | 'restarts' | 'startedAt'>,
): Promise<void> {
  const shared = { supervisor: self, image, version, published, configuration };
  const whole: ServiceRecord = { ...shared, status: 'running', exitCode: 0, error: '', ...part };
  await files.write(record, `${JSON.stringify(whole)}\n`, 0o600);
}
