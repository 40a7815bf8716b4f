import type { Operation } from '../../context/invocation.ts';
import { requireTrustedImage } from '../../litellm/releases/trusted-image.ts';
import type { Outcome } from '../../model/report.ts';
import { commandLine } from '../../model/settings.ts';
import { openProjectFolder } from '../../project/project-folder.ts';
import { writeSecrets } from '../../project/secrets.ts';
import { withLock } from '../../project/with-lock.ts';
import { type Backup, requireArchive, secretsOf } from '../backup/archives.ts';
import { confirmReplacement } from '../backup/confirm-replacement.ts';
import { replaceData } from '../backup/replace-data.ts';
import { chooseSecrets, type RestoreSecrets } from '../backup/restore-secrets.ts';
import { missingVariables, restoreEnvironment } from '../backup/saved-environment.ts';
import { litellmDifference, wishFromArchive } from '../backup/saved-litellm.ts';
import { openUndone } from '../backup/undo-restore.ts';
import type { DataCounts } from '../data/data-counts.ts';
import { requireOwnDatabase, restoreByHand } from '../open/external-database.ts';
import { requireTrustedContent } from '../open/images.ts';
import { type MadeStack, requireMade } from '../open/made-stack.ts';
import { openStack, type RuntimeFor } from '../open/open-stack.ts';
import { bringUp } from './bring-up.ts';

export interface RestoreFlags {
  readonly force?: boolean;
  /** False for `--no-backup`. */
  readonly backup: boolean;
  readonly withSecrets?: boolean;
  readonly withImage?: boolean;
  readonly timeout: number;
}

export interface RestoreData {
  readonly project: string;
  readonly file: string;
  readonly counts: DataCounts;
  /** Whether the archive has no request log, so that the stack has none either. */
  readonly withoutLogs: boolean;
  /** The archive of the previous data; null when there was none, or with --no-backup. */
  readonly backup: string | null;
  readonly elapsedMs: number;
}

export async function runRestore(
  name: string,
  flags: RestoreFlags,
  invocation: Operation,
  runtimeFor?: RuntimeFor,
): Promise<Outcome<RestoreData>> {
  const { context, settings } = invocation;
  const began = context.clock.now();
  const exposed = await openProjectFolder(context, settings.paths);
  return withLock(invocation, 'restore', flags.timeout, async () => {
    const archive = await requireArchive(invocation, name);
    // Before secrets are chosen, because undoing restores the previous ones.
    const { state } = await openUndone(invocation, runtimeFor);
    requireOwnDatabase(
      state ?? {},
      'Cannot restore into an external database',
      `Restore the archive yourself:\n${restoreByHand(archive.file)}`,
    );
    const doubts = flags.withImage ? trustedImageOf(archive) : [];
    const chosen = await chooseSecrets(invocation, archive, flags.withSecrets ?? false);
    if (chosen.saved) await restoreEnvironment(invocation, (await context.files.read(secretsOf(archive.file))) ?? '');
    const { made, started } = await prepareStack(invocation, { ...chosen, archive }, { ...flags, runtimeFor });
    const stack = flags.withImage ? await withImageOf(archive, made, invocation) : made;
    const backup = await confirmReplacement(flags, invocation, stack);
    const saved = chosen.own ? chosen.saved : undefined;
    const deadline = context.clock.now() + flags.timeout;
    const { counts, forgotten } = await replaceData(invocation, stack, { archive, saved, deadline });
    const elapsedMs = context.clock.now() - began;
    return {
      data: { project: settings.project, file: archive.file, counts, ...logsOf(archive), backup, elapsedMs },
      warnings: [
        ...exposed,
        ...doubts,
        ...started,
        ...litellmDifference(archive.manifest?.litellm, made.spec),
        ...(await missingVariables(archive.manifest?.variables, invocation)),
        ...forgotten.map((alias) => forgottenKey(alias, settings.project)),
      ],
    };
  });
}

const logsOf = ({ manifest }: Backup) => ({ withoutLogs: manifest?.withoutLogs ?? false });

function forgottenKey(alias: string, project: string): string {
  const provision = commandLine(project, `provision-key --alias ${alias} --rotate`);
  return `The restored data does not contain the saved virtual key ${alias}. Create a new one: ${provision}`;
}

interface PreparedStack {
  readonly made: MadeStack;
  /** Warnings of its first start. */
  readonly started: readonly string[];
}

/** The stack, which is brought up first if it has never been ready: nothing else tells what its database holds. */
async function prepareStack(
  invocation: Operation,
  { own, saved, archive }: RestoreSecrets & { readonly archive: Backup },
  { timeout, force = false, runtimeFor }: RestoreFlags & { readonly runtimeFor: RuntimeFor | undefined },
): Promise<PreparedStack> {
  const { files } = invocation.context;
  if (!own && saved) await writeSecrets(files, invocation.settings.paths, saved);
  const { runtime, state } = await openStack(invocation, runtimeFor);
  const isThere = state?.data !== undefined && (await runtime.dataPlace()).volume !== null;
  if (isThere) return { made: await requireMade(invocation, runtimeFor), started: [] };
  const given = { file: archive.file, saved: archive.manifest?.litellm };
  const litellm = state?.litellm ? undefined : await wishFromArchive(given, force, invocation);
  const up = { timeout, pull: 'missing', adopt: true, ...(litellm && { litellm }) } as const;
  const { warnings = [] } = await bringUp(up, invocation, invocation.context.clock.now(), runtimeFor);
  return { made: await requireMade(invocation, runtimeFor), started: warnings };
}

/** An archive may be older than the advisory for its release. */
function trustedImageOf({ manifest }: Backup): readonly string[] {
  return manifest ? requireTrustedImage(manifest.image, { installed: false }) : [];
}

/** Downloads the image before anything is changed. */
async function withImageOf(
  { manifest }: Backup,
  stack: MadeStack,
  { progress }: Pick<Operation, 'progress'>,
): Promise<MadeStack> {
  const spec = manifest ? { ...stack.spec, image: manifest.image } : stack.spec;
  await stack.runtime.prepare(spec, 'missing', progress);
  await requireTrustedContent(stack.runtime, spec);
  return { ...stack, spec };
}
