import { join, resolve } from 'node:path';
import type { Workplace } from '../../context/invocation.ts';
import type { Files } from '../../io/files/files.ts';
import { CliError } from '../../model/errors.ts';
import type { ProjectPaths } from '../../model/paths.ts';
import { type BackupManifest, type BackupReason, parseManifest } from './archive-manifest.ts';

const DUMP = '.dump';

/** The extension of what a killed run leaves behind. */
const TEMPORARY = '.tmp';

export interface Backup {
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  /** Null when it is missing or invalid. */
  readonly manifest: BackupManifest | null;
  /** Why it cannot be restored; null when it can. */
  readonly problem: string | null;
}

/** `2026-11-24T131500Z.dump`, with the reason unless a user requested the backup. Names sort by age. */
export function backupName(createdAt: number, reason: BackupReason): string {
  const time = new Date(createdAt)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '');
  return `${time}${reason === 'backup' ? '' : `-${reason}`}${DUMP}`;
}

const beside = (file: string, extension: string) =>
  file.endsWith(DUMP) ? `${file.slice(0, -DUMP.length)}${extension}` : `${file}${extension}`;

export const manifestOf = (file: string): string => beside(file, '.json');

export const secretsOf = (file: string): string => beside(file, '.env');

/** Named after this program, because an archive may lie among other files. */
export const temporaryOf = (file: string): string => `${file}.agents-llm${TEMPORARY}`;

/** The backups in the project's folder, the newest first. */
export async function listBackups(files: Files, { backups }: Pick<ProjectPaths, 'backups'>): Promise<Backup[]> {
  const names = (await files.list(backups)).filter((name) => name.endsWith(DUMP)).reverse();
  return Promise.all(names.map((name) => readBackup(files, join(backups, name), name)));
}

async function readBackup(files: Files, file: string, name = file): Promise<Backup> {
  const [bytes = 0, text] = await Promise.all([files.size(file), files.read(manifestOf(file))]);
  const manifest = text === undefined ? undefined : parseManifest(text);
  const problem = !manifest
    ? `its manifest ${manifestOf(file)} is missing or invalid`
    : manifest.bytes !== bytes
      ? `it has ${bytes} bytes, but its manifest says ${manifest.bytes}`
      : null;
  return { name, file, bytes, manifest: manifest ?? null, problem };
}

/** The archive that a user names: a path, a name from the list, or `latest`. Undefined when it does not exist. */
export async function findBackup(
  files: Files,
  paths: Pick<ProjectPaths, 'backups'>,
  given: { readonly name: string; readonly path: string },
): Promise<Backup | undefined> {
  if (given.name === 'latest') return (await listBackups(files, paths)).find(({ problem }) => problem === null);
  const inFolder = join(paths.backups, given.name);
  for (const file of [given.path, inFolder, `${inFolder}${DUMP}`]) {
    if ((await files.size(file)) !== undefined) return readBackup(files, file);
  }
  return undefined;
}

export async function removeBackup(files: Files, { file }: Backup): Promise<void> {
  // The archive first, because the other files alone are never taken for a backup.
  for (const path of [file, manifestOf(file), secretsOf(file)]) await files.remove(path);
}

export async function sweepTemporary(files: Files, { backups }: Pick<ProjectPaths, 'backups'>): Promise<void> {
  const leftovers = (await files.list(backups)).filter((name) => name.endsWith(TEMPORARY));
  for (const name of leftovers) await files.remove(join(backups, name));
}

/** The archive that a user names. Throws if it is not complete according to its manifest. */
export async function requireArchive({ context, settings }: Workplace, name: string): Promise<Backup> {
  const { files, cwd } = context;
  const backup = await findBackup(files, settings.paths, { name, path: resolve(cwd, name) });
  if (!backup) {
    throw new CliError('usage', `Backup "${name}" not found`, { hint: 'List the backups: agents-llm backup list' });
  }
  const isDamaged = backup.manifest && (await files.sha256(backup.file)) !== backup.manifest.sha256;
  const problem = backup.problem ?? (isDamaged ? 'its checksum does not match its manifest' : null);
  if (problem === null) return backup;
  throw new CliError('backup_invalid', `Cannot restore ${backup.file}: ${problem}`, {
    hint: 'Nothing was changed. Choose another backup: agents-llm backup list',
    details: { file: backup.file },
  });
}
