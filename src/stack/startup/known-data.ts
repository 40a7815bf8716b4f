import type { Invocation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import { PROXY } from '../../model/service.ts';
import { commandLine } from '../../model/settings.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { type DataIdentity, readState, writeState } from '../../project/state.ts';
import { type DataPlace, EXTERNAL_DATABASE, type Runtime } from '../../runtime/runtime.ts';
import { READ_IDENTITY, writeIdentity } from '../data/data-identity.ts';
import { startDatabase } from './start-database.ts';

/**
 * Refuses before anything starts when the data that is remembered is gone. While the database's container exists, the
 * engine lets nobody replace its volume; without it the volume may be another one, and the database alone is started to
 * tell. (The engine's time of a volume's making is that of its last change.)
 */
export async function requireKnownVolume(
  invocation: Invocation,
  runtime: Runtime,
  options: { readonly known: DataIdentity | undefined; readonly spec: StackSpec; readonly deadline: number },
): Promise<void> {
  const { known, spec, deadline } = options;
  if (!known) return;
  const { volume, mounted, external } = await runtime.dataPlace();
  if (external) {
    if ((await readIdentity(runtime)) !== known.id) throw dataReplaced(spec.project, known.volume);
    return;
  }
  if (volume === null) throw dataGone(spec.project, known);
  if (mounted === volume) return;
  invocation.progress.phase('asking the database which data it holds');
  await startDatabase(invocation, runtime, { spec, deadline });
  if ((await readIdentity(runtime)) === known.id) return;
  await runtime.stop();
  throw dataReplaced(spec.project, volume);
}

/** With the database running: the id in it and the one that is remembered must be the same; the first one is written. */
export async function settleIdentity({ context, settings }: Invocation, runtime: Runtime): Promise<void> {
  const { files } = context;
  const state = await readState(files, settings.paths);
  if (!state) return;
  const [place, found] = await Promise.all([runtime.dataPlace(), readIdentity(runtime)]);
  if (!place.volume) return;
  if (state.data && found !== state.data.id) {
    await runtime.stop([PROXY]);
    throw dataReplaced(settings.project, place.volume);
  }
  const id = found ?? crypto.randomUUID();
  if (found === undefined) await runtime.database.sql(writeIdentity(id));
  await writeState(files, settings.paths, { ...state, data: { id, volume: place.volume } });
}

/** Takes the data that is there as this stack's own, under a new id: after a restore, or on purpose. */
export async function adoptIdentity({ context, settings }: Invocation, runtime: Runtime): Promise<void> {
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

export function dataGone(project: string, { volume }: DataIdentity): CliError {
  return new CliError('data_gone', `the volume ${volume}, which held this stack's data, is gone`, {
    hint: `put the data back from a backup: ${commandLine(project, 'restore latest')}
or begin anew without it: ${commandLine(project, 'down --volumes --force')}, then ${commandLine(project, 'up')}`,
    details: { volume },
  });
}

export function dataReplaced(project: string, volume: string): CliError {
  const isExternal = volume === EXTERNAL_DATABASE;
  const where = isExternal ? 'the database' : `the volume ${volume}`;
  const back = isExternal
    ? `name the right one: ${commandLine(project, 'up --database-url-from-env VAR')}`
    : `put the stack's data back from a backup: ${commandLine(project, 'restore latest')}`;
  return new CliError('data_replaced', `${where} holds other data than this stack's`, {
    hint: `${back}
or take what is there as it is: ${commandLine(project, 'up --adopt')}`,
    details: { volume },
  });
}
