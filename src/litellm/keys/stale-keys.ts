import type { ProcessPlace } from '../../io/processes/process-place.ts';
import type { Processes } from '../../io/processes/processes.ts';
import type { AdminClient } from '../admin/client.ts';
import { deleteKey, listKeys } from '../admin/keys.ts';
import { PROCESS_MARK } from '../admin/owner-mark.ts';
import type { KeyRow } from '../admin/schemas.ts';
import { OWNER } from './key-limits.ts';

/** Identifies a process in the metadata of the key that it created for itself. */
export interface ProcessMark {
  readonly host: string;
  readonly place: ProcessPlace;
  readonly pid: number;
  /** Its start time, because process ids are reused. */
  readonly started: string;
}

export function markMetadata({ host, place, pid, started }: ProcessMark): Readonly<Record<string, unknown>> {
  return { [PROCESS_MARK]: { host, namespace: place.namespace, boot: place.boot, pid, started } };
}

/** Deletes the keys of ended processes of this host and returns their aliases. Never decides by alias alone. */
export async function removeStaleKeys(
  client: AdminClient,
  own: Pick<ProcessMark, 'host' | 'place'>,
  processes: Pick<Processes, 'identity'>,
): Promise<readonly string[]> {
  const stale = await findStaleKeys(await listKeys(client), own, processes);
  for (const { token } of stale) await deleteKey(client, token);
  return stale.map(({ key_alias }) => key_alias ?? '');
}

/** The keys that ended processes of this host created for themselves. */
export async function findStaleKeys(
  rows: readonly KeyRow[],
  own: Pick<ProcessMark, 'host' | 'place'>,
  processes: Pick<Processes, 'identity'>,
): Promise<readonly KeyRow[]> {
  const gone = await Promise.all(rows.map((row) => isMarkedGone(row, own, processes)));
  return rows.filter((_, i) => gone[i]);
}

/** Whether a process created it for itself and renews it while it runs. */
export function isOfProcess(row: KeyRow): boolean {
  return markOf(row) !== undefined;
}

async function isMarkedGone(
  row: KeyRow,
  own: Pick<ProcessMark, 'host' | 'place'>,
  processes: Pick<Processes, 'identity'>,
) {
  const mark = markOf(row);
  return mark !== undefined && isGone(mark, own, processes);
}

type Mark = Readonly<Record<string, unknown>>;

function markOf(row: KeyRow): Mark | undefined {
  const mark = row.metadata?.[PROCESS_MARK];
  return row.metadata?.[OWNER] === 'agents-llm' && typeof mark === 'object' && mark !== null
    ? (mark as Mark)
    : undefined;
}

/** False for other pid namespaces, because process ids of another container mean nothing here, even with the same host name. */
async function isGone(
  mark: Mark,
  own: Pick<ProcessMark, 'host' | 'place'>,
  processes: Pick<Processes, 'identity'>,
): Promise<boolean> {
  if (mark.host !== own.host || mark.namespace !== own.place.namespace || typeof mark.pid !== 'number') return false;
  if (mark.boot !== own.place.boot) return true;
  return (await processes.identity(mark.pid)) !== mark.started;
}
