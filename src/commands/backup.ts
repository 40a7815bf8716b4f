import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import type { Invoke } from '../cli/invoke.ts';
import type { Invocation } from '../context/invocation.ts';
import type { Outcome } from '../model/report.ts';
import { npxLine } from '../model/settings.ts';
import { changedSecrets } from '../project/fingerprints.ts';
import { withLock } from '../project/with-lock.ts';
import type { BackupManifest } from '../stack/backup/archive-manifest.ts';
import { type Backup, listBackups, removeBackup } from '../stack/backup/archives.ts';
import { makeBackup } from '../stack/backup/make-backup.ts';
import { describeArchive } from '../stack/data/data-counts.ts';
import { requireKnownSecrets } from '../stack/open/known-secrets.ts';
import { requireMade } from '../stack/open/made-stack.ts';
import { type RuntimeFor, readStack } from '../stack/open/open-stack.ts';
import { alignColumns } from '../text/align-columns.ts';
import { formatBytes } from '../text/byte-size.ts';

export interface BackupFlags {
  readonly withSecrets?: boolean;
  readonly keep?: number;
  /** False for `--no-logs`. */
  readonly logs?: boolean;
}

export interface BackupData {
  readonly file: string;
  readonly secretsFile: string | null;
  readonly manifest: BackupManifest;
  /** Older ones that `--keep` deleted. */
  readonly removed: readonly string[];
}

export interface BackupRow extends Backup {
  /** Whether this stack's salt key reads it; null if that is unknown. */
  readonly readable: boolean | null;
}

const LOCK_WAIT_MS = 300_000;
const RUNS = { make: runBackup, list: runBackupList };

export function registerBackup(group: Command, invoke: Invoke, runs = RUNS): void {
  addNotes(group, NOTES);
  group
    .argument('[file]', "path of the archive (default: the project's backup folder)")
    .option('--with-secrets', 'also save the secrets and saved virtual keys beside it')
    .option('--no-logs', 'leave out the request log, which is most of the data')
    .option('--keep <number>', 'delete all but the newest N archives of the project', parseKeep)
    .action((file: string | undefined) =>
      invoke(group, (given) => runs.make(file, group.opts<BackupFlags>(), given), renderBackup),
    );
  const list = group.command('list').description('List the backups of the project');
  list.action(() => invoke(list, (given) => runs.list(given), renderBackups));
}

export async function runBackup(
  file: string | undefined,
  flags: BackupFlags,
  invocation: Invocation,
  runtimeFor?: RuntimeFor,
): Promise<Outcome<BackupData>> {
  const { context, settings } = invocation;
  return withLock(invocation, 'backup', LOCK_WAIT_MS, async () => {
    const stack = await requireMade(invocation, runtimeFor);
    requireKnownSecrets(invocation, stack.secrets, stack.state.fingerprints);
    const made = await makeBackup(invocation, stack, {
      reason: 'backup',
      ...(file === undefined ? {} : { file: resolve(context.cwd, file) }),
      withSecrets: flags.withSecrets ?? false,
      withoutLogs: flags.logs === false,
    });
    const all = flags.keep === undefined ? [] : await listBackups(context.files, settings.paths);
    const old = all.slice(flags.keep);
    for (const backup of old) await removeBackup(context.files, backup);
    const warnings = made.secretsFile
      ? [
          `${made.secretsFile} gives access to the gateway, the database and every provider key. Store it apart from the archive`,
        ]
      : [];
    return { data: { ...made, removed: old.map(({ file }) => file) }, warnings };
  });
}

export async function runBackupList(invocation: Invocation): Promise<Outcome<{ backups: BackupRow[] }>> {
  const { context, settings } = invocation;
  const { secrets } = await readStack(invocation);
  const backups = (await listBackups(context.files, settings.paths)).map((backup) => ({
    ...backup,
    readable:
      secrets && backup.manifest ? !changedSecrets(secrets, backup.manifest.fingerprints).includes('saltKey') : null,
  }));
  return { data: { backups } };
}

function parseKeep(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be 1 or more');
}

export function renderBackup({ file, manifest, removed }: BackupData): string {
  const gone =
    removed.length > 0 ? `Deleted ${removed.length} older ${removed.length === 1 ? 'backup' : 'backups'}\n` : '';
  return `${file}\n  ${describeArchive(manifest)}; ${formatBytes(manifest.bytes)}; restore with: ${npxLine(manifest.project, `restore ${file}`)}\n${gone}`;
}

export function renderBackups({ backups }: { readonly backups: readonly BackupRow[] }): string {
  if (backups.length === 0) return 'No backups yet\n';
  const rows = backups.map(({ name, bytes, manifest, problem, readable }) => [
    name.replace(/\.dump$/, ''),
    formatBytes(bytes),
    manifest ? describeArchive(manifest) : '-',
    problem ?? (readable === false ? 'written with another salt key' : 'ok'),
  ]);
  return `${alignColumns([['NAME', 'SIZE', 'DATA', 'STATE'], ...rows])}\n`;
}

const NOTES: CommandNotes = {
  examples: [
    'agents-llm backup',
    'agents-llm backup /mnt/nas/litellm.dump --with-secrets',
    'agents-llm backup --no-logs --keep 7',
  ],
  json: {
    backup: '{file, secretsFile, manifest, removed}',
    list: '{backups: [{name, file, bytes, manifest, problem, readable}]}',
  },
  exits: [5, 7, 9, 10],
};
