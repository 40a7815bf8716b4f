import { join } from 'node:path';
import type { Files } from '../../../io/files/files.ts';
import type { Processes } from '../../../io/processes/processes.ts';
import { DATABASE, SERVICES, type ServiceHealth, type ServiceState } from '../../../model/service.ts';
import { parsePostmasterPid } from '../postgres/postmaster-pid.ts';
import { livenessOf, readRecord, type ServiceRecord, stateOf } from './service-record.ts';

export interface ServiceStatesOptions {
  readonly folder: string;
  /** PostgreSQL's data directory. */
  readonly data: string;
  readonly files: Pick<Files, 'read'>;
  readonly processes: Pick<Processes, 'identity'>;
}

/** The states of the services that were ever started, in starting order. */
export async function serviceStates(options: ServiceStatesOptions): Promise<ServiceState[]> {
  const { folder, files, processes } = options;
  const states = SERVICES.map(async (service) => {
    const record = await readRecord(files, folder, service);
    if (!record) return [];
    const liveness = await livenessOf(record, processes);
    const health = service === DATABASE && liveness.running ? await databaseHealth(record, options) : 'none';
    return [stateOf(service, record, liveness, health)];
  });
  return (await Promise.all(states)).flat();
}

/** Reads the server's own status file, which needs no connection. */
async function databaseHealth({ child }: ServiceRecord, { data, files }: ServiceStatesOptions): Promise<ServiceHealth> {
  const text = await files.read(join(data, 'postmaster.pid')).catch(() => undefined);
  const server = parsePostmasterPid(text ?? '');
  return server?.ready && server.pid === child?.pid ? 'healthy' : 'starting';
}
