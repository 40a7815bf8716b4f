import type { Operation, Workplace } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import { PROXY } from '../../model/service.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { type DataIdentity, readState, writeState } from '../../project/state.ts';
import { type DataPlace, EXTERNAL_DATABASE, type Runtime } from '../../runtime/runtime.ts';
import { READ_IDENTITY, writeIdentity } from '../data/data-identity.ts';
import { startDatabase } from './start-database.ts';

/**
 * Refuses, before anything starts, data that is missing or another stack's. While the database's container exists, the engine
 * lets nobody replace its volume. Without the container the volume may be another one, so the database alone is started and
 * asked: the engine's creation time of a volume is that of its last change.
 */
export async function requireKnownVolume(
  invocation: Pick<Operation, 'context' | 'progress' | 'redaction'>,
  runtime: Runtime,
  options: { readonly known: DataIdentity | undefined; readonly spec: StackSpec; readonly deadline: number },
): Promise<void> {
  const { known, spec, deadline } = options;
  if (!known) return;
  const { volume, mounted, external } = await runtime.dataPlace();
  if (external) {
    if ((await readIdentity(runtime)) !== known.id) throw dataReplaced(known.volume);
    return;
  }
  if (volume === null) throw dataGone(known);
  if (mounted === volume) return;
  invocation.progress.phase('Checking which data the database contains');
  await startDatabase(invocation, runtime, { spec, deadline });
  if ((await readIdentity(runtime)) === known.id) return;
  await runtime.stop();
  throw dataReplaced(volume);
}

/** With the database running: its id must be the remembered one; the first time an id is written. */
export async function settleIdentity({ context, settings }: Workplace, runtime: Runtime): Promise<void> {
  const { files } = context;
  const state = await readState(files, settings.paths);
  if (!state) return;
  const [place, found] = await Promise.all([runtime.dataPlace(), readIdentity(runtime)]);
  if (!place.volume) return;
  if (state.data && found !== state.data.id) {
    await runtime.stop([PROXY]);
    throw dataReplaced(place.volume);
  }
  const id = found ?? crypto.randomUUID();
  if (found === undefined) await runtime.database.sql(writeIdentity(id));
  await writeState(files, settings.paths, { ...state, data: { id, volume: place.volume } });
}

/** Takes the existing data as this stack's own, under a new id: after a restore, or on purpose. */
export async function adoptIdentity({ context, settings }: Workplace, runtime: Runtime): Promise<void> {
  const state = await readState(context.files, settings.paths);
  const { volume }: DataPlace = await runtime.dataPlace();
  if (!state || !volume) return;
  const id = crypto.randomUUID();
  await runtime.database.sql(writeIdentity(id));
  await writeState(context.files, settings.paths, { ...state, data: { id, volume } });
}

async function readIdentity(runtime: Runtime): Promise<string | undefined> {
  return (await runtime.database.sql(READ_IDENTITY)).trim() || undefined;
}

export function dataGone({ volume }: Pick<DataIdentity, 'volume'>): CliError {
  return new CliError('data_gone', `Volume ${volume} with the data of this stack no longer exists`, {
    hint: `Restore a backup: agents-llm restore latest
Or start over without the data: agents-llm down --volumes --force && agents-llm up`,
    details: { volume },
  });
}

export function dataReplaced(volume: string): CliError {
  const isExternal = volume === EXTERNAL_DATABASE;
  const place = isExternal ? 'The database' : `Volume ${volume}`;
  const fix = isExternal
    ? 'Use the right database: agents-llm up --database-url-from-env VAR'
    : 'Restore a backup: agents-llm restore latest';
  return new CliError('data_replaced', `${place} contains data from another stack`, {
    hint: `${fix}
Or use the existing data: agents-llm up --adopt`,
    details: { volume },
  });
}
