import type { ProcessPlace } from '../../io/processes/process-place.ts';
import type { Processes } from '../../io/processes/processes.ts';
import type { AdminClient } from '../admin/client.ts';
import { deleteKey, listKeys } from '../admin/keys.ts';
import { PROCESS_MARK } from '../admin/owner-mark.ts';
import type { KeyRow } from '../admin/schemas.ts';
import { OWNER } from './key-limits.ts';

/** One process of one host, as it is written into the metadata of the key that it made for itself. */
export interface ProcessMark {
  readonly host: string;
  readonly place: ProcessPlace;
  readonly pid: number;
  /** Its start time: a process id alone is used again. */
  readonly started: string;
}

export function markMetadata({ host, place, pid, started }: ProcessMark): Readonly<Record<string, unknown>> {
  return { [PROCESS_MARK]: { host, namespace: place.namespace, boot: place.boot, pid, started } };
}

/** Deletes the keys of processes of this host that are gone, and returns their aliases. Never goes by an alias alone. */
export async function removeStaleKeys(
  client: AdminClient,
  own: Pick<ProcessMark, 'host' | 'place'>,
  processes: Pick<Processes, 'identity'>,
): Promise<readonly string[]> {
  const stale = await findStaleKeys(await listKeys(client), own, processes);
  for (const { token } of stale) await deleteKey(client, token);
  return stale.map(({ key_alias }) => key_alias ?? '');
}

/** Those of them that processes of this host made for themselves which are gone. */
export async function findStaleKeys(
  rows: readonly KeyRow[],
  own: Pick<ProcessMark, 'host' | 'place'>,
  processes: Pick<Processes, 'identity'>,
): Promise<readonly KeyRow[]> {
  const gone = await Promise.all(rows.map((row) => isMarkedGone(row, own, processes)));
  return rows.filter((_, i) => gone[i]);
}

/** Whether a process made it for itself, and prolongs it as long as it runs. */
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

/** Process ids of another container mean nothing here, even under the same host name. */
async function isGone(
  mark: Mark,
  own: Pick<ProcessMark, 'host' | 'place'>,
  processes: Pick<Processes, 'identity'>,
): Promise<boolean> {
  if (mark.host !== own.host || mark.namespace !== own.place.namespace || typeof mark.pid !== 'number') return false;
  if (mark.boot !== own.place.boot) return true;
  return (await processes.identity(mark.pid)) !== mark.started;
}
