import type { Command } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import { timeoutOption } from '../cli/flag-values.ts';
import type { Invoke } from '../cli/invoke.ts';
import { describeCounts } from '../stack/data/data-counts.ts';
import { type RestoreData, type RestoreFlags, runRestore } from '../stack/lifecycle/restore-stack.ts';
import { formatDuration } from '../text/duration.ts';

export function registerRestore(command: Command, invoke: Invoke, run = runRestore): void {
  addNotes(command, NOTES);
  command
    .argument('<file>', 'an archive, a name from `backup list`, or latest')
    .option('-f, --force', 'replace the current data without asking')
    .option('--with-secrets', 'use the secrets that were saved beside the archive')
    .option('--with-image', 'run the LiteLLM version that wrote the archive')
    .option('--no-backup', 'do not back up the current data first')
    .addOption(timeoutOption())
    .action((file: string) =>
      invoke(command, (invocation) => run(file, command.opts<RestoreFlags>(), invocation), renderRestore),
    );
}

export function renderRestore({ project, file, backup, elapsedMs, ...data }: RestoreData): string {
  const logs = data.withoutLogs
    ? 'The archive has no request log (--no-logs), so earlier requests are not listed. Spend by day is complete\n'
    : '';
  const before = backup === null ? '' : `Backup of the previous data: ${backup}\n`;
  const what = describeCounts(data.counts);
  return `Restored ${what} to ${project} from ${file} (${formatDuration(elapsedMs)})\n${logs}${before}`;
}

const NOTES: CommandNotes = {
  examples: ['agents-llm restore latest', 'agents-llm restore /mnt/nas/litellm.dump --with-secrets --force'],
  json: '{project, file, counts: {providers, aliases, keys, teams}, withoutLogs, backup, elapsedMs}',
  exits: [3, 4, 5, 6, 7, 9],
};
