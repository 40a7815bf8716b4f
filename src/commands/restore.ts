import type { Command } from 'commander';
import { timeoutOption } from '../cli/flag-values.ts';
import { helpFooter } from '../cli/help-footer.ts';
import type { Invoke } from '../cli/invoke.ts';
import { describeCounts } from '../stack/data/data-counts.ts';
import { type RestoreData, type RestoreFlags, runRestore } from '../stack/lifecycle/restore-stack.ts';
import { formatDuration } from '../text/duration.ts';

export function registerRestore(command: Command, invoke: Invoke, run = runRestore): void {
  command
    .argument('<file>', 'an archive, a name of `backup list`, or latest')
    .option('-f, --force', 'do not ask before the data that is there is replaced')
    .option('--with-secrets', 'take the salt key that was saved beside the archive')
    .option('--with-image', 'run the LiteLLM that the archive was made with')
    .option('--no-backup', 'do not back up first what is there')
    .addOption(timeoutOption())
    .addHelpText('after', FOOTER)
    .action((file: string) =>
      invoke(command, (invocation) => run(file, command.opts<RestoreFlags>(), invocation), renderRestore),
    );
}

export function renderRestore({ project, file, counts, backup, elapsedMs }: RestoreData): string {
  const before = backup === null ? '' : `what was there before: ${backup}\n`;
  return `${project} holds ${describeCounts(counts)} of ${file} (${formatDuration(elapsedMs)})\n${before}`;
}

const FOOTER = helpFooter({
  examples: ['agents-llm restore latest', 'agents-llm restore /mnt/nas/litellm.dump --with-secrets --force'],
  json: '{project, file, counts: {providers, aliases, keys, teams}, backup, elapsedMs}',
  exits: [3, 4, 5, 6, 7, 9],
});
