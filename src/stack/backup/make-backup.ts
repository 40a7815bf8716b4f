import { basename, dirname, join } from 'node:path';
import type { Operation, Workplace } from '../../context/invocation.ts';
import type { Files } from '../../io/files/files.ts';
import { ownKeptKeys } from '../../litellm/keys/kept-keys.ts';
import { CliError } from '../../model/errors.ts';
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
import { variableNames, withEnvironment } from './saved-environment.ts';
import { withKeptKeys } from './saved-keys.ts';
import { savedLitellm } from './saved-litellm.ts';

export interface MadeBackup {
  readonly file: string;
  readonly manifest: BackupManifest;
  /** The copy of the stack's secrets and saved virtual keys, if requested. */
  readonly secretsFile: string | null;
}

export interface BackupOptions {
  readonly reason: BackupReason;
  /** An absolute path; by default in the project's folder. */
  readonly file?: string;
  readonly withSecrets?: boolean;
  /** Leaves out the request log. */
  readonly withoutLogs?: boolean;
}

/** The request log with its index tables, and failed requests of older versions. Daily sums are in other tables. */
const LOG_TABLES = ['"LiteLLM_SpendLog"*', '"LiteLLM_ErrorLogs"'];

interface BackupSource {
  readonly runtime: Runtime;
  readonly spec: StackSpec;
  readonly secrets: StackSecrets;
}

/**
 * Dumps the database, whether the stack runs or not. The archive gets its name last, when it is checked and its manifest is
 * written, so that a file with the name is complete. The caller holds the project's lock.
 */
export async function makeBackup(
  invocation: Operation,
  source: BackupSource,
  options: BackupOptions,
): Promise<MadeBackup> {
  const { context, settings, progress } = invocation;
  const { files, clock } = context;
  const { backups } = settings.paths;
  const createdAt = clock.now();
  const file = options.file ?? join(backups, backupName(createdAt, options.reason));
  const companions = [manifestOf(file), ...(options.withSecrets ? [secretsOf(file)] : [])];
  await requireNew(files, [file, ...companions]);
  await guardWrite(dirname(file), () =>
    // Others may write to a folder that the user names, such as /tmp, but the archive itself is opened safely.
    options.file === undefined ? files.makeOwnFolder(backups) : files.makeFolder(dirname(file)),
  );
  await sweepTemporary(files, settings.paths);
  const temporary = temporaryOf(file);
  try {
    return await withDatabase(invocation, source.runtime, source.spec, async () => {
      progress.phase('Backing up the database');
      const manifest = {
        ...(await dump(invocation, source, { temporary, options, createdAt })),
        litellm: await savedLitellm(invocation, source.spec),
        variables: await variableNames(invocation),
      };
      if (options.withSecrets) await copySecrets(invocation, source.spec, secretsOf(file));
      const text = `${JSON.stringify(manifest, null, 2)}\n`;
      await guardWrite(manifestOf(file), () => files.write(manifestOf(file), text, 0o600));
      await guardWrite(file, () => files.commit(temporary, file));
      return { file, manifest, secretsFile: options.withSecrets ? secretsOf(file) : null };
    });
  } catch (error) {
    for (const path of [temporary, ...companions]) await files.remove(path);
    throw error;
  }
}

interface DumpOptions {
  readonly temporary: string;
  readonly options: BackupOptions;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

async function dump(
  { context: { files, randomBytes } }: Pick<Operation, 'context'>,
  { runtime: { database }, spec, secrets }: BackupSource,
  { temporary, options: { reason, withoutLogs = false }, createdAt }: DumpOptions,
): Promise<BackupManifest> {
  await guardWrite(temporary, async () => {
    await files.remove(temporary);
    // In a folder that others may write to, someone else created it first.
    if (!(await files.create(temporary, '', 0o600))) throw Object.assign(new Error(temporary), { code: 'EEXIST' });
  });
  const counts = countRows(parseRows(await database.sql(READ_ROWS)));
  const postgres = (await database.sql('SHOW server_version;\n')).trim();
  await database.dump(temporary, withoutLogs ? LOG_TABLES : []);
  if ((await files.head(temporary, 5)) !== 'PGDMP' || !(await database.isArchive(temporary))) {
    throw new CliError('backup_failed', 'pg_dump succeeded, but the file that it wrote is not an archive', {
      hint: 'Try again: agents-llm backup',
    });
  }
  return {
    schemaVersion: 1,
    project: spec.project,
    createdAt: new Date(createdAt).toISOString(),
    reason,
    image: spec.image,
    databaseImage: spec.databaseImage,
    postgres,
    counts,
    ...(withoutLogs && { withoutLogs }),
    bytes: (await files.size(temporary)) ?? 0,
    sha256: await files.sha256(temporary),
    fingerprints: fingerprintsOf(secrets, randomBytes(16).toString('hex')),
  };
}

async function copySecrets(invocation: Workplace, spec: StackSpec, to: string): Promise<void> {
  const { files } = invocation.context;
  const text = await files.read(invocation.settings.paths.secrets);
  if (text === undefined) return;
  const environment = await files.read(invocation.settings.paths.environment);
  const all = withEnvironment(await withKeptKeys(text, ownKeptKeys(invocation, proxyUrl(spec))), environment);
  await guardWrite(to, () => files.write(to, all, 0o600));
}

/** Throws if a file already exists, because a user may name a path among other files. */
async function requireNew(files: Pick<Files, 'owner'>, paths: readonly string[]): Promise<void> {
  const names = paths.map((path) => basename(path));
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  for (const path of paths) {
    if ((await files.owner(path)) === undefined) continue;
    throw new CliError('usage', `${path} already exists`, {
      hint: `Choose another file, because ${list} are written and existing files are never replaced`,
    });
  }
}
