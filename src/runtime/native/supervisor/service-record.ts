import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Files } from '../../../io/files/files.ts';
import type { ProcessHandle } from '../../../io/processes/process-table.ts';
import type { Processes } from '../../../io/processes/processes.ts';
import type { ServiceName, ServiceState } from '../../../model/service.ts';
import { jsonAs } from '../../../text/json.ts';
import { GENERATION } from './supervised-service.ts';

const HANDLE = z.object({ pid: z.int().check(z.positive()), identity: z.string() });

const RECORD = z.object({
  status: z.enum(['running', 'restarting', 'exited']),
  supervisor: HANDLE,
  /** The service itself, the leader of its process group; null if it could not be started. */
  child: z.nullable(HANDLE),
  restarts: z.number(),
  exitCode: z.number(),
  error: z.string(),
  startedAt: z.nullable(z.number()),
  image: z.string(),
  version: z.nullable(z.string()),
  published: z.nullable(z.object({ bind: z.string(), port: z.number() })),
  corsOrigins: z.optional(z.string()),
  revision: z.optional(z.string()),
  /** A hash of everything that the service was started with. */
  configuration: z.string(),
  /** See `GENERATION`; records of the first have none. */
  generation: z.optional(z.number()),
});

/** What a supervisor writes about its service whenever something changes. */
export type ServiceRecord = Readonly<z.infer<typeof RECORD>>;

export const recordFile = (folder: string, service: ServiceName) => join(folder, `${service}.json`);

/** Undefined if no supervisor ever ran. */
export async function readRecord(
  files: Pick<Files, 'read'>,
  folder: string,
  service: ServiceName,
): Promise<ServiceRecord | undefined> {
  const text = await files.read(recordFile(folder, service));
  // Records are written atomically, so anything invalid is not from a supervisor.
  return text === undefined ? undefined : jsonAs(RECORD, text);
}

export interface Liveness {
  readonly supervised: boolean;
  readonly running: boolean;
}

export async function livenessOf(
  { supervisor, child }: ServiceRecord,
  processes: Pick<Processes, 'identity'>,
): Promise<Liveness> {
  const isAlive = async (handle: ProcessHandle | null) =>
    handle !== null && (await processes.identity(handle.pid)) === handle.identity;
  const [supervised, running] = await Promise.all([isAlive(supervisor), isAlive(child)]);
  return { supervised, running };
}

/** Whether an earlier version started it in a way that is no longer safe. */
export const isOutdated = ({ generation = 1 }: ServiceRecord): boolean => generation < GENERATION;

/** The current state, which may differ from the record, because a record outlives its supervisor. */
export function stateOf(
  service: ServiceName,
  record: ServiceRecord,
  { supervised, running }: Liveness,
  health: ServiceState['health'],
): ServiceState {
  const betweenRuns = record.status === 'exited' ? 'exited' : 'restarting';
  const status = running ? 'running' : supervised ? betweenRuns : 'exited';
  const wasKilled = status === 'exited' && record.status !== 'exited';
  const { restarts, startedAt, image, version, published, corsOrigins, revision } = record;
  return {
    service,
    id: record.child ? String(record.child.pid) : '',
    status,
    health: running ? health : 'none',
    restarts,
    exitCode: wasKilled ? 137 : record.exitCode,
    error: running && !supervised ? UNSUPERVISED : record.error,
    startedAt,
    image,
    version,
    published,
    ...(isOutdated(record) && { outdated: true }),
    ...(corsOrigins === undefined ? {} : { corsOrigins }),
    ...(revision === undefined ? {} : { revision }),
  };
}

/** The service runs, but nothing would restart it. */
const UNSUPERVISED = 'its supervisor is not running';
