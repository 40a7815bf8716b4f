import { basename, dirname, join } from 'node:path';
import type { Invocation } from '../../context/invocation.ts';
import type { Files } from '../../io/files/files.ts';
import { ownKeptKeys } from '../../litellm/keys/kept-keys.ts';
import { CliError } from '../../model/errors.ts';
import { commandLine } from '../../model/settings.ts';
import { proxyUrl, type StackSpec } from '../../model/stack-spec.ts';
import { fingerprintsOf } from '../../project/fingerprints.ts';
import { guardWrite } from '../../project/project-folder.ts';
import type { StackSecrets } from '../../project/secrets.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { countRows } from '../data/data-counts.ts';
import { parseRows, READ_ROWS } from '../data/data-rows.ts';
import { withDatabase } from '../startup/start-database.ts';
import type { BackupManifest, BackupReason } from './archive-manifest.ts';
import { backupName, manifestOf, secretsOf, sweepTemporary, temporaryOf } from './archives.ts';
import { withKeptKeys } from './saved-keys.ts';

export interface MadeBackup {
  readonly file: string;
  readonly manifest: BackupManifest;
  /** The copy of the stack's secrets and kept virtual keys, when one was asked for. */
  readonly secretsFile: string | null;
}

export interface BackupOptions {
  readonly reason: BackupReason;
  /** Absolute; in the project's folder when left out. */
  readonly file?: string;
  readonly withSecrets?: boolean;
}

interface BackupSource {
  readonly runtime: Runtime;
  readonly spec: StackSpec;
  readonly secrets: StackSecrets;
}

/**
 * Dumps the database, whether the stack runs or not. The archive gets its name last, when it is checked and all that belongs
 * to it is there: whatever has the name is whole. The caller holds the project's lock.
 */
export async function makeBackup(
  invocation: Invocation,
  source: BackupSource,
  options: BackupOptions,
): Promise<MadeBackup> {
  const { context, settings, progress } = invocation;
  const { files, clock } = context;
  const { backups } = settings.paths;
  const now = clock.now();
  const file = options.file ?? join(backups, backupName(now, options.reason));
  const beside = [manifestOf(file), ...(options.withSecrets ? [secretsOf(file)] : [])];
  await requireNew(files, [file, ...beside]);
  await guardWrite(dirname(file), () =>
    // Where the user wants it others may write too, as to /tmp: the archive itself is opened in a way that bears it.
    options.file === undefined ? files.makeOwnFolder(backups) : files.makeFolder(dirname(file)),
  );
  await sweepTemporary(files, settings.paths);
  const temporary = temporaryOf(file);
  try {
    return await withDatabase(invocation, source.runtime, source.spec, async () => {
      progress.phase('backing up');
      const manifest = await dump(invocation, source, { temporary, reason: options.reason, now });
      if (options.withSecrets) await copySecrets(invocation, source.spec, secretsOf(file));
      const text = `${JSON.stringify(manifest, null, 2)}\n`;
      await guardWrite(manifestOf(file), () => files.write(manifestOf(file), text, 0o600));
      await guardWrite(file, () => files.commit(temporary, file));
      return { file, manifest, secretsFile: options.withSecrets ? secretsOf(file) : null };
    });
  } catch (error) {
    for (const path of [temporary, ...beside]) await files.remove(path);
    throw error;
  }
}

async function dump(
  { context: { files, randomBytes }, settings }: Invocation,
  { runtime: { database }, spec, secrets }: BackupSource,
  { temporary, reason, now }: { readonly temporary: string; readonly reason: BackupReason; readonly now: number },
): Promise<BackupManifest> {
  await guardWrite(temporary, async () => {
    await files.remove(temporary);
    // Of someone else, who was quicker in a folder that others may write to.
    if (!(await files.create(temporary, '', 0o600))) throw Object.assign(new Error(temporary), { code: 'EEXIST' });
  });
  const counts = countRows(parseRows(await database.sql(READ_ROWS)));
  const postgres = (await database.sql('SHOW server_version;\n')).trim();
  await database.dump(temporary);
  if ((await files.head(temporary, 5)) !== 'PGDMP' || !(await database.isArchive(temporary))) {
    throw new CliError('backup_failed', 'pg_dump ended well, and what it wrote is no archive', {
      hint: `try again: ${commandLine(settings.project, 'backup')}`,
    });
  }
  return {
    schemaVersion: 1,
    project: spec.project,
    createdAt: new Date(now).toISOString(),
    reason,
    image: spec.image,
    databaseImage: spec.databaseImage,
    postgres,
    counts,
    bytes: (await files.size(temporary)) ?? 0,
    sha256: await files.sha256(temporary),
    fingerprints: fingerprintsOf(secrets, randomBytes(16).toString('hex')),
  };
}

async function copySecrets(invocation: Invocation, spec: StackSpec, to: string): Promise<void> {
  const { files } = invocation.context;
  const text = await files.read(invocation.settings.paths.secrets);
  if (text === undefined) return;
  const all = await withKeptKeys(text, ownKeptKeys(invocation, proxyUrl(spec)));
  await guardWrite(to, () => files.write(to, all, 0o600));
}

/** Of a file of the user's choice: who knows what lies beside it. */
async function requireNew(files: Pick<Files, 'owner'>, paths: readonly string[]): Promise<void> {
  const names = paths.map((path) => basename(path));
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  for (const path of paths) {
    if ((await files.owner(path)) === undefined) continue;
    throw new CliError('usage', `${path} exists already`, {
      hint: `name another file: ${list} are written, and none is ever replaced`,
    });
  }
}
