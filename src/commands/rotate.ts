import type { Command } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import { timeoutOption } from '../cli/flag-values.ts';
import type { Invoke } from '../cli/invoke.ts';
import { type RotateData, type RotateFlags, runRotate } from '../stack/rotation/rotate-secret.ts';
import { formatDuration } from '../text/duration.ts';

export function registerRotateMasterKey(command: Command, invoke: Invoke, run = runRotate): void {
  addNotes(command, NOTES);
  addFlags(command).action(() =>
    invoke(command, (given) => run('masterKey', command.opts<RotateFlags>(), given), renderRotate),
  );
}

export function registerRotateDbPassword(command: Command, invoke: Invoke, run = runRotate): void {
  addNotes(command, NOTES);
  addFlags(command).action(() =>
    invoke(command, (given) => run('databasePassword', command.opts<RotateFlags>(), given), renderRotate),
  );
}

function addFlags(command: Command): Command {
  return command
    .option('--from-env <variable>', 'environment variable with the new value (default: generated)')
    .option('--as-written', 'use the value that you wrote to .env')
    .addOption(timeoutOption());
}

export function renderRotate({ project, secret, secretsFile, restarted, elapsedMs }: RotateData): string {
  const effect = restarted
    ? ` and restarted it (${formatDuration(elapsedMs)})`
    : ', which takes effect at the next start';
  return `Replaced ${secret} of ${project}${effect}. The new value is in ${secretsFile}\nProviders, aliases and virtual keys did not change\n`;
}

const NOTES: CommandNotes = {
  examples: ['agents-llm rotate-master-key', 'agents-llm rotate-db-password'],
  json: '{project, secret, secretsFile, restarted, elapsedMs}; never the value',
  exits: [4, 5, 6, 7, 8, 9, 10],
};
