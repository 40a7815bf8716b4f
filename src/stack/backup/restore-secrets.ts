import type { Operation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import { changedSecrets } from '../../project/fingerprints.ts';
import { allSecrets, parseSecrets, readSecrets, type StackSecrets } from '../../project/secrets.ts';
import { type Backup, secretsOf } from './archives.ts';

/** The secrets that read the restored data: the stack's own, or those that were saved beside the archive. */
export interface RestoreSecrets {
  /** The stack's own, if it has any. */
  readonly own: StackSecrets | undefined;
  /** Those beside the archive, if their salt key is used (or all of them, if the stack has none). */
  readonly saved: StackSecrets | undefined;
}

/** Chooses the secrets of a restore. Refuses an archive whose provider keys could not be decrypted. */
export async function chooseSecrets(
  { context: { files }, settings, redaction }: Pick<Operation, 'context' | 'settings' | 'redaction'>,
  { file, manifest }: Backup,
  takeSaved: boolean,
): Promise<RestoreSecrets> {
  const own = await readSecrets(files, settings.paths);
  if (own) redaction.add(allSecrets(own));
  const reads = (secrets: StackSecrets | undefined) =>
    secrets !== undefined && manifest !== null && !changedSecrets(secrets, manifest.fingerprints).includes('saltKey');
  if (reads(own)) return { own, saved: undefined };
  // Only read if needed, because `prod.env` beside an archive `prod.dump` may be another program's file.
  const text = await files.read(secretsOf(file));
  const saved = text === undefined ? undefined : parseSecrets(text, secretsOf(file));
  if (saved) redaction.add(allSecrets(saved));
  if (reads(saved) && (takeSaved || !own)) return { own, saved };
  throw new CliError(
    'backup_unreadable',
    own
      ? `${file} was created with another salt key, so its provider keys cannot be decrypted here`
      : `${file} can only be decrypted with its own salt key, which is missing`,
    {
      hint: reads(saved)
        ? `Use the salt key that was saved beside it: agents-llm restore ${file} --with-secrets`
        : `Set LITELLM_SALT_KEY in ${settings.paths.secrets} to the value of that time\nOr copy the secrets of that time to ${secretsOf(file)}`,
      details: { file },
    },
  );
}
