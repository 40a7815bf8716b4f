import type { Operation, Workplace } from '../../context/invocation.ts';
import { ownKeptKeys } from '../../litellm/keys/kept-keys.ts';
import { CliError } from '../../model/errors.ts';
import { PROXY } from '../../model/service.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { type StackSecrets, setSecrets } from '../../project/secrets.ts';
import { readState, writeState } from '../../project/state.ts';
import { countRows, type DataCounts, describeCounts } from '../data/data-counts.ts';
import { describeLoss } from '../data/data-losses.ts';
import type { MadeStack } from '../open/made-stack.ts';
import { settleFingerprints } from '../rotation/rotating.ts';
import { withDatabase } from '../startup/start-database.ts';
import { startStack } from '../startup/start-stack.ts';
import { compareData } from '../verify/compare-data.ts';
import { type Backup, secretsOf } from './archives.ts';
import { restoreKeys } from './saved-keys.ts';
import { dropLoaded, dropPrevious, loadBeside, swapIn } from './swap-database.ts';
import { undoRestore } from './undo-restore.ts';

export interface Replacement {
  readonly archive: Backup;
  /** The secrets whose salt key is used; undefined if the stack's own salt key reads the data. */
  readonly saved: StackSecrets | undefined;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export interface Replaced {
  readonly counts: DataCounts;
  /** Aliases of saved virtual keys that the restored data does not contain. */
  readonly forgotten: readonly string[];
}

/** Replaces the stack's data by an archive's. The previous data is only dropped when the new data is verified. */
export async function replaceData(
  invocation: Operation,
  stack: MadeStack,
  replacement: Replacement,
): Promise<Replaced> {
  const { runtime, spec } = stack;
  const { archive } = replacement;
  await withDatabase(invocation, runtime, spec, async () => {
    invocation.progress.phase('Reading the archive');
    await loadComplete(stack, archive);
    invocation.progress.phase('Replacing the data');
    await markAndSwap(invocation, stack, replacement.saved);
  });
  try {
    return await verifyRestored(invocation, stack, replacement);
  } catch (error) {
    if (invocation.context.signal.aborted) throw error;
    await undoRestore(invocation, runtime, spec);
    throw failed(archive.file, error);
  }
}

async function loadComplete({ runtime: { database } }: MadeStack, { file, manifest }: Backup): Promise<void> {
  const counts = await loadBeside(database, file).catch((cause: unknown) => {
    // A database that does not respond says nothing about the archive.
    const isArchiveFault =
      cause instanceof CliError && cause.code === 'database_failed' && cause.details.cause !== 'ETIMEDOUT';
    throw isArchiveFault ? invalid(file, cause.message, cause) : cause;
  });
  if (!manifest || describeCounts(counts) === describeCounts(manifest.counts)) return;
  await dropLoaded(database);
  throw invalid(
    file,
    `it contains ${describeCounts(counts)}, but its manifest says ${describeCounts(manifest.counts)}`,
  );
}

/** Once the mark is written, the next `up` or `restore` undoes a run that is killed. */
async function markAndSwap(
  { context: { files }, settings: { paths } }: Workplace,
  { runtime }: MadeStack,
  saved: StackSecrets | undefined,
): Promise<void> {
  await runtime.stop([PROXY]);
  await files.write(paths.secretsBefore, (await files.read(paths.secrets)) ?? '', 0o600);
  await swapIn(runtime.database);
  if (saved) await setSecrets(files, paths, { LITELLM_SALT_KEY: saved.saltKey.reveal() });
}

async function verifyRestored(
  invocation: Operation,
  { runtime, spec, secrets, client }: MadeStack,
  { archive, saved, deadline }: Replacement,
): Promise<Replaced> {
  const { files } = invocation.context;
  const { paths } = invocation.settings;
  const current = saved ? { ...secrets, saltKey: saved.saltKey } : secrets;
  await startStack(invocation, runtime, { spec, secrets: current, recreate: [PROXY], deadline, adopt: true });
  invocation.progress.phase('Verifying the restored data');
  const { rows, unreadable } = await compareData(invocation, runtime, client);
  if (unreadable.length > 0) {
    throw new CliError('data_lost', describeLoss(unreadable), { details: { file: archive.file, losses: unreadable } });
  }
  await dropPrevious(runtime.database);
  await settleFingerprints(invocation, current);
  const kept = ownKeptKeys(invocation, client.target.url);
  const forgotten = await restoreKeys((await files.read(secretsOf(archive.file))) ?? '', kept, rows);
  await rememberImage(invocation, spec);
  await files.remove(paths.secretsBefore);
  return { counts: countRows(rows), forgotten };
}

/** The image changes if the archive's own image was requested. */
async function rememberImage(
  { context: { files }, settings: { paths } }: Workplace,
  { image }: StackSpec,
): Promise<void> {
  const state = await readState(files, paths);
  if (state) await writeState(files, paths, { ...state, image, upgrading: undefined });
}

function invalid(file: string, why: string, cause?: unknown): CliError {
  return new CliError('backup_invalid', `Cannot restore ${file}: ${why}`, {
    hint: 'Nothing was changed. Choose another backup: agents-llm backup list',
    details: { file },
    cause,
  });
}

function failed(file: string, cause: unknown): CliError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CliError('restore_failed', `${file} was restored, but the stack did not start: ${why}`, {
    hint: 'The previous data is back. Start the stack: agents-llm up',
    details: { file },
    cause,
  });
}
