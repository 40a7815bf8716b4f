import type { Invocation } from '../../context/invocation.ts';
import { ownKeptKeys } from '../../litellm/keys/kept-keys.ts';
import { CliError } from '../../model/errors.ts';
import { PROXY } from '../../model/service.ts';
import { commandLine } from '../../model/settings.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { type StackSecrets, setSecrets } from '../../project/secrets.ts';
import { readState, writeState } from '../../project/state.ts';
import type { DataCounts } from '../data/data-counts.ts';
import { countRows, describeCounts } from '../data/data-counts.ts';
import type { MadeStack } from '../open/made-stack.ts';
import { settleFingerprints } from '../rotation/rotating.ts';
import { withDatabase } from '../startup/start-database.ts';
import { startStack } from '../startup/start-stack.ts';
import { lookAtData } from '../verify/look-at-data.ts';
import { type Backup, secretsOf } from './archives.ts';
import { keepKeysOfData } from './saved-keys.ts';
import { dropLoaded, forgetReplaced, loadBeside, swapIn } from './swap-database.ts';
import { undoRestore } from './undo-restore.ts';

export interface Replacement {
  readonly archive: Backup;
  /** Whose salt key is taken; undefined when the stack's own reads the data. */
  readonly saved: StackSecrets | undefined;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export interface Replaced {
  readonly counts: DataCounts;
  /** Of virtual keys that were kept here, and the data does not know. */
  readonly forgotten: readonly string[];
}

/** Puts an archive's data in the place of the stack's. What was there is dropped only when the new data is proven. */
export async function replaceData(
  invocation: Invocation,
  stack: MadeStack,
  replacement: Replacement,
): Promise<Replaced> {
  const { runtime, spec } = stack;
  const { archive } = replacement;
  await withDatabase(invocation, runtime, spec, async () => {
    invocation.progress.phase('reading the archive');
    await loadWhole(stack, archive);
    invocation.progress.phase('putting its data in place');
    await markAndSwap(invocation, stack, replacement.saved);
  });
  try {
    return await prove(invocation, stack, replacement);
  } catch (error) {
    if (invocation.context.signal.aborted) throw error;
    await undoRestore(invocation, runtime, spec);
    throw failed(spec.project, archive.file, error);
  }
}

async function loadWhole({ runtime: { database } }: MadeStack, { file, manifest }: Backup): Promise<void> {
  const found = await loadBeside(database, file).catch((cause: unknown) => {
    if (cause instanceof CliError && cause.code === 'database_failed') throw invalid(file, cause.message, cause);
    throw cause;
  });
  if (!manifest || describeCounts(found) === describeCounts(manifest.counts)) return;
  await dropLoaded(database);
  throw invalid(file, `it holds ${describeCounts(found)}, and its manifest says ${describeCounts(manifest.counts)}`);
}

/** From the mark on, a run that is killed is undone by the next `up` or `restore`. */
async function markAndSwap(
  { context: { files }, settings: { paths } }: Invocation,
  { runtime }: MadeStack,
  saved: StackSecrets | undefined,
): Promise<void> {
  await runtime.stop([PROXY]);
  await files.write(paths.secretsBefore, (await files.read(paths.secrets)) ?? '', 0o600);
  await swapIn(runtime.database);
  if (saved) await setSecrets(files, paths, { LITELLM_SALT_KEY: saved.saltKey.reveal() });
}

async function prove(
  invocation: Invocation,
  { runtime, spec, secrets, client }: MadeStack,
  { archive, saved, deadline }: Replacement,
): Promise<Replaced> {
  const { files } = invocation.context;
  const { paths } = invocation.settings;
  const now = saved ? { ...secrets, saltKey: saved.saltKey } : secrets;
  await startStack(invocation, runtime, { spec, secrets: now, recreate: [PROXY], deadline, adopt: true });
  invocation.progress.phase('looking at what was restored');
  const { rows, unreadable } = await lookAtData(invocation, runtime, client);
  const [first] = unreadable;
  if (first) {
    throw new CliError('data_lost', `${first.kind} ${first.name}: ${first.why} (${unreadable.length} in all)`, {
      details: { file: archive.file, losses: unreadable },
    });
  }
  await forgetReplaced(runtime.database);
  await settleFingerprints(invocation, now);
  const kept = ownKeptKeys(invocation, client.target.url);
  const forgotten = await keepKeysOfData((await files.read(secretsOf(archive.file))) ?? '', kept, rows);
  await rememberImage(invocation, spec);
  await files.remove(paths.secretsBefore);
  return { counts: countRows(rows), forgotten };
}

/** Another one than before when the archive's own was asked for. */
async function rememberImage(
  { context: { files }, settings: { paths } }: Invocation,
  { image }: StackSpec,
): Promise<void> {
  const state = await readState(files, paths);
  if (state) await writeState(files, paths, { ...state, image, upgrading: undefined });
}

function invalid(file: string, why: string, cause?: unknown): CliError {
  return new CliError('backup_invalid', `${file} cannot be restored: ${why}`, {
    hint: 'nothing was changed; take another one: agents-llm backup list',
    details: { file },
    cause,
  });
}

function failed(project: string, file: string, cause: unknown): CliError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CliError('restore_failed', `${file} was restored and did not come up: ${why}`, {
    hint: `what was there before is back; start it: ${commandLine(project, 'up')}`,
    details: { file },
    cause,
  });
}
