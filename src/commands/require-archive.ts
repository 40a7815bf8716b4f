import { resolve } from 'node:path';
import { CliError } from '../errors.ts';
import { commandLine } from '../settings.ts';
import { type Backup, findBackup } from '../stack/backups.ts';
import type { Invocation } from './invocation.ts';

/** The archive that a user names, whole by its manifest. */
export async function requireArchive({ context, settings }: Invocation, name: string): Promise<Backup> {
  const { files, cwd } = context;
  const found = await findBackup(files, settings.paths, { name, path: resolve(cwd, name) });
  const list = commandLine(settings.project, 'backup list');
  if (!found) throw new CliError('usage', `there is no backup "${name}"`, { hint: `see those there are: ${list}` });
  const damaged = found.manifest && (await files.sha256(found.file)) !== found.manifest.sha256;
  const problem = found.problem ?? (damaged ? 'its bytes are not those that were written' : null);
  if (problem === null) return found;
  throw new CliError('backup_invalid', `${found.file} cannot be restored: ${problem}`, {
    hint: `nothing was changed; take another one: ${list}`,
    details: { file: found.file },
  });
}
