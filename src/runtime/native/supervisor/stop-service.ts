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
  /** Only ends the waiting; a service that was told to stop still stops. */
  readonly signal: AbortSignal;
}

/** How long a service may take to shut down before its supervisor kills it. */
export const STOP_WITHIN_MS: Readonly<Record<BaseService, number>> = { 'litellm-db': 60_000, litellm: 10_000 };
const MARGIN_MS = 10_000;
/** Remains of a killed gateway end by themselves, because the query engine checks for its parent. */
const LEFTOVERS_MS = 10_000;
const POLL_MS = 50;

/** Stops a service and its supervisor, or the service alone if it has no supervisor. Returns when none of its processes runs. */
export async function stopService(service: BaseService, options: StopOptions): Promise<void> {
  const { folder, files, processes } = options;
  const initial = await readRecord(files, folder, service);
  if (!initial) return;
  if ((await livenessOf(initial, processes)).supervised) {
    await processes.signal(initial.supervisor, 'SIGTERM');
    await waitUntilGone(service, initial.supervisor, STOP_WITHIN_MS[service] + MARGIN_MS, options);
  }
  // If the supervisor was killed meanwhile, its service is still running.
  const record = (await readRecord(files, folder, service)) ?? initial;
  const { running } = await livenessOf(record, processes);
  if (running && record.child) await stopOrphan(service, record.child, options);
  if (record.child) await waitForGroup(record.child.pid, options);
  if (record.status !== 'exited') await recordExit(service, record, options);
}

async function stopOrphan(service: BaseService, child: ProcessHandle, options: StopOptions): Promise<void> {
  const { processes } = options;
  await processes.signal(child, service === DATABASE ? 'SIGINT' : 'SIGTERM');
  try {
    await waitUntilGone(service, child, STOP_WITHIN_MS[service], options);
  } catch (error) {
    if (service === DATABASE || options.signal.aborted) throw error;
  }
  await processes.signal(child, 'SIGKILL', { group: true });
}

/** Only for the gateway: remains of the database are in other groups, and its next supervisor ends them. */
async function waitForGroup(pid: number, { clock, processes, signal }: StopOptions): Promise<void> {
  const deadline = clock.now() + LEFTOVERS_MS;
  while (clock.now() < deadline && (await processes.hasGroup(pid))) await clock.sleep(POLL_MS, signal);
}

async function recordExit(service: ServiceName, record: ServiceRecord, { folder, files }: StopOptions): Promise<void> {
  const ended: ServiceRecord = { ...record, status: 'exited', exitCode: 0 };
  await files.write(recordFile(folder, service), `${JSON.stringify(ended)}\n`, 0o600);
}

async function waitUntilGone(
  service: ServiceName,
  handle: ProcessHandle,
  ms: number,
  options: StopOptions,
): Promise<void> {
  const { clock, processes, signal } = options;
  const deadline = clock.now() + ms;
  while ((await processes.identity(handle.pid)) === handle.identity) {
    if (clock.now() >= deadline) {
      throw new CliError('service_failed', `${service} does not stop (process ${handle.pid})`, {
        hint: `See its log: agents-llm logs ${service}\nOr end it: kill ${handle.pid}`,
        details: { service, pid: handle.pid },
      });
    }
    await clock.sleep(POLL_MS, signal);
  }
}
