import { join } from 'node:path';
import type { Operation, Workplace } from '../../context/invocation.ts';
import type { Files } from '../../io/files/files.ts';
import { confirm } from '../../io/terminal/ask.ts';
import { CliError } from '../../model/errors.ts';
import type { Outcome } from '../../model/report.ts';
import { readSecrets } from '../../project/secrets.ts';
import { readState, type StackState } from '../../project/state.ts';
import type { Inventory, Runtime } from '../../runtime/runtime.ts';
import { makeBackup } from '../backup/make-backup.ts';
import { onDatabaseOf } from '../open/external-database.ts';
import { requireSameEngine } from '../open/open-stack.ts';
import { knownSpec } from '../open/plan-spec.ts';

export interface DownFlags {
  readonly volumes?: boolean;
  readonly force?: boolean;
  /** False for `--no-backup`. */
  readonly backup: boolean;
}

export interface DownData {
  readonly project: string;
  readonly change: 'stopped' | 'deleted' | 'unchanged';
  /** Services that were running. */
  readonly stopped: readonly string[];
  /** Empty unless `--volumes` was given. */
  readonly deleted: {
    readonly containers: readonly string[];
    readonly volumes: readonly string[];
    readonly files: readonly string[];
  };
  /** The archive of what was deleted; null when none was made. */
  readonly backup: string | null;
}

/** Deletes containers, network, volume and secrets, after a confirmation and a backup. */
export async function deleteStack(
  flags: DownFlags,
  invocation: Operation,
  runtime: Runtime,
): Promise<Outcome<DownData>> {
  const { context, settings, progress } = invocation;
  const { project } = settings;
  const state = await readableState(invocation);
  await requireHere(runtime, state);
  const belongings = { ...(await runtime.inventory()), files: await ownFiles(invocation) };
  const { containers, volumes, networks, files } = belongings;
  if (containers.length + volumes.length + networks.length + files.length === 0) {
    const deleted = { containers, volumes, files };
    return { data: { project, change: 'unchanged', stopped: [], deleted, backup: null } };
  }
  await requireConsent(flags, invocation, runtime.words, belongings);
  const stopped = (await runtime.services()).filter(({ status }) => status === 'running').map(({ service }) => service);
  // An external database stays, but could not be decrypted without the secrets.
  const hasData = volumes.length > 0 || Boolean(state?.externalDatabase);
  const backup = flags.backup && hasData ? await backUp(invocation, runtime) : null;
  progress.phase('Deleting');
  await runtime.remove({ volumes: true });
  // The secrets last, because they are needed to read any data that is left.
  for (const file of files) await context.files.remove(file);
  const deleted = { containers, volumes, files };
  const warnings =
    backup === undefined ? ['No backup was made, because the files that the database is started with are missing'] : [];
  return { data: { project, change: 'deleted', stopped, deleted, backup: backup ?? null }, warnings };
}

interface Belongings extends Inventory {
  readonly files: readonly string[];
}

/** Undefined for a broken state file too, which must not keep anyone from deleting the stack. */
async function readableState({ context, settings }: Workplace): Promise<StackState | undefined> {
  try {
    return await readState(context.files, settings.paths);
  } catch (error) {
    if (error instanceof CliError && error.code === 'state_invalid') return undefined;
    throw error;
  }
}

/** Backs up with the secrets, which are deleted too: without the salt key the archive would be worthless. */
async function backUp(invocation: Operation, runtime: Runtime): Promise<string | null | undefined> {
  const { files } = invocation.context;
  const { paths, project } = invocation.settings;
  const [state, secrets] = await Promise.all([
    readState(files, paths).catch(() => undefined),
    readSecrets(files, paths).catch(() => undefined),
  ]);
  if (!state || !secrets) return undefined;
  const spec = knownSpec(project, state, runtime.defaults);
  try {
    const onDatabase = onDatabaseOf(runtime, spec, secrets);
    return (await makeBackup(invocation, { runtime: onDatabase, spec, secrets }, { reason: 'down', withSecrets: true }))
      .file;
  } catch (cause) {
    if (!(cause instanceof CliError) || invocation.context.signal.aborted) throw cause;
    // LiteLLM never created its tables.
    if (cause.code === 'database_failed' && /relation .{0,200} does not exist/.test(cause.message)) return null;
    throw new CliError('backup_failed', `The backup failed, so nothing was deleted: ${cause.message}`, {
      hint: 'Delete without a backup: agents-llm down --volumes --no-backup --force',
      cause,
    });
  }
}

/** Refuses a stack that is on another engine. */
export async function requireHere(runtime: Runtime, state: StackState | undefined): Promise<void> {
  if (!state || state.engine.endpoint === (await runtime.endpoint())) return;
  requireSameEngine(state, await runtime.preflight());
}

/** The saved keys of the stack. Those of other gateways, in folders of their own, stay valid and cannot be shown again. */
async function ownKeys(files: Pick<Files, 'list'>, folder: string): Promise<string[]> {
  const names = await files.list(folder);
  const own = names.filter((name) => name.endsWith('.json'));
  return own.length === names.length ? [folder] : own.map((name) => join(folder, name));
}

/** The files of the stack that exist. */
async function ownFiles({ context: { files }, settings: { paths } }: Workplace): Promise<string[]> {
  const { secrets, settings, secretsBefore, environment, composeEnvironment, gatewayFiles, tls, litellmFiles, state } =
    paths;
  const given = [environment, composeEnvironment, gatewayFiles, litellmFiles];
  const known = [secrets, settings, secretsBefore, ...given, tls, state, ...(await ownKeys(files, paths.keys))];
  const owners = await Promise.all(known.map((path) => files.owner(path)));
  return known.filter((_, i) => owners[i] !== undefined);
}

async function requireConsent(
  flags: DownFlags,
  invocation: Pick<Operation, 'context' | 'progress'>,
  words: Runtime['words'],
  belongings: Belongings,
): Promise<void> {
  if (flags.force) return;
  const { containers, networks, volumes, files } = belongings;
  const rows = [
    ...containers.map((name) => [words.container, name]),
    ...networks.map((name) => ['network', name]),
    ...volumes.map((name) => [words.volume, `${name}  (all providers, aliases, virtual keys and spend)`]),
    ...files.map((path) => ['file', path]),
  ].map(([kind = '', name]) => `${kind.padEnd(9)} ${name}`);
  const backup = flags.backup && volumes.length > 0 ? ' after a backup' : '';
  const list = `This deletes for good${backup}:\n${rows.map((row) => `  ${row}\n`).join('')}`;
  const { stdin, stderr } = invocation.context.streams;
  stderr.write(list);
  if (stdin.isTTY && stderr.isTerminal && (await confirm('Delete all of it?', invocation))) return;
  throw new CliError('confirmation_needed', 'Nothing was deleted', {
    hint: 'Delete without a question: agents-llm down --volumes --force',
    details: { ...belongings },
  });
}
