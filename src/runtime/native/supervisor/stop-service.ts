import type { Clock } from '../../../io/clock.ts';
import type { Files } from '../../../io/files/files.ts';
import type { ProcessHandle } from '../../../io/processes/process-table.ts';
import type { Processes } from '../../../io/processes/processes.ts';
import { CliError } from '../../../model/errors.ts';
import { type BaseService, DATABASE, type ServiceName } from '../../../model/service.ts';
import { livenessOf, readRecord, recordFile, type ServiceRecord } from './service-record.ts';

export interface StopOptions {
  readonly folder: string;
  readonly files: Pick<Files, 'read' | 'write'>;
  readonly processes: Processes;
  readonly clock: Clock;
  /** Ends the waiting: what was told to end does so without us. */
  readonly signal: AbortSignal;
}

/** Milliseconds for a service to end in good order; its supervisor kills it then. */
export const STOP_WITHIN_MS: Readonly<Record<BaseService, number>> = { 'litellm-db': 60_000, litellm: 10_000 };
const MARGIN_MS = 10_000;
/** What a killed proxy leaves behind ends by itself: the query engine looks for its parent. */
const LEFTOVERS_MS = 10_000;
const LOOK_EVERY_MS = 50;

/** Ends a service and its supervisor; without a supervisor, the service itself. Done when nothing of it runs. */
export async function stopService(service: BaseService, options: StopOptions): Promise<void> {
  const { folder, files, processes } = options;
  const first = await readRecord(files, folder, service);
  if (!first) return;
  if ((await livenessOf(first, processes)).supervised) {
    await processes.signal(first.supervisor, 'SIGTERM');
    await untilGone(service, first.supervisor, STOP_WITHIN_MS[service] + MARGIN_MS, options);
  }
  // A supervisor that was killed meanwhile has left its service running.
  const record = (await readRecord(files, folder, service)) ?? first;
  const { running } = await livenessOf(record, processes);
  if (running && record.child) await stopOrphan(service, record.child, options);
  if (record.child) await untilGroupEnds(record.child.pid, options);
  if (record.status !== 'exited') await writeEnd(service, record, options);
}

async function stopOrphan(service: BaseService, child: ProcessHandle, options: StopOptions): Promise<void> {
  const { processes } = options;
  await processes.signal(child, service === DATABASE ? 'SIGINT' : 'SIGTERM');
  try {
    await untilGone(service, child, STOP_WITHIN_MS[service], options);
  } catch (error) {
    if (service === DATABASE || options.signal.aborted) throw error;
  }
  await processes.signal(child, 'SIGKILL', { group: true });
}

/** What the database leaves behind is in no group of its, and its supervisor's matter. */
async function untilGroupEnds(pid: number, { clock, processes, signal }: StopOptions): Promise<void> {
  const deadline = clock.now() + LEFTOVERS_MS;
  while (clock.now() < deadline && (await processes.hasGroup(pid))) await clock.sleep(LOOK_EVERY_MS, signal);
}

async function writeEnd(service: ServiceName, record: ServiceRecord, { folder, files }: StopOptions): Promise<void> {
  const ended: ServiceRecord = { ...record, status: 'exited', exitCode: 0 };
  await files.write(recordFile(folder, service), `${JSON.stringify(ended)}\n`, 0o600);
}

async function untilGone(service: ServiceName, handle: ProcessHandle, ms: number, options: StopOptions): Promise<void> {
  const { clock, processes, signal } = options;
  const deadline = clock.now() + ms;
  while ((await processes.identity(handle.pid)) === handle.identity) {
    if (clock.now() >= deadline) {
      throw new CliError('service_failed', `${service} does not stop (process ${handle.pid})`, {
        hint: `See its log: agents-llm logs ${service}\nOr end it: kill ${handle.pid}`,
        details: { service, pid: handle.pid },
      });
    }
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}
