import type { Invocation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import { commandLine } from '../../model/settings.ts';
import { changedSecrets } from '../../project/fingerprints.ts';
import { allSecrets, parseSecrets, readSecrets, type StackSecrets } from '../../project/secrets.ts';
import { type Backup, secretsOf } from './archives.ts';

/** With what the restored data is read: as they are here, or as they were saved beside the archive. */
export interface RestoreSecrets {
  /** The stack's own, when it has some. */
  readonly own: StackSecrets | undefined;
  /** Those whose salt key (or all, when there are no own ones) is to be taken from beside the archive. */
  readonly saved: StackSecrets | undefined;
}

/** Refuses an archive whose provider keys could not be read here. */
export async function chooseSecrets(
  { context: { files }, settings, redaction }: Invocation,
  { file, manifest }: Backup,
  takeSaved: boolean,
): Promise<RestoreSecrets> {
  const own = await readSecrets(files, settings.paths);
  if (own) redaction.add(allSecrets(own));
  const reads = (secrets: StackSecrets | undefined) =>
    secrets !== undefined && manifest !== null && !changedSecrets(secrets, manifest.fingerprints).includes('saltKey');
  if (reads(own)) return { own, saved: undefined };
  // Not before: beside an archive of a name like `prod.dump` it may be something else.
  const text = await files.read(secretsOf(file));
  const saved = text === undefined ? undefined : parseSecrets(text, secretsOf(file));
  if (saved) redaction.add(allSecrets(saved));
  if (reads(saved) && (takeSaved || !own)) return { own, saved };
  throw new CliError(
    'backup_unreadable',
    own
      ? `${file} was made with another salt key than this stack's: its provider keys could not be read`
      : `${file} can be read with its own salt key alone, which is not here`,
    {
      hint: reads(saved)
        ? `take the salt key that was saved beside it: ${commandLine(settings.project, `restore ${file} --with-secrets`)}`
        : `put the LITELLM_SALT_KEY of that time into ${settings.paths.secrets}, or the secrets of that time beside the archive as ${secretsOf(file)}`,
      details: { file },
    },
  );
}
