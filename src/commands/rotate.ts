import type { Command } from 'commander';
import { timeoutOption } from '../cli/flag-values.ts';
import { helpFooter } from '../cli/help-footer.ts';
import type { Invoke } from '../cli/invoke.ts';
import { type RotateData, type RotateFlags, runRotate } from '../stack/rotation/rotate-secret.ts';
import { formatDuration } from '../text/duration.ts';

export function registerRotateMasterKey(command: Command, invoke: Invoke, run = runRotate): void {
  addFlags(command).action(() =>
    invoke(command, (given) => run('masterKey', command.opts<RotateFlags>(), given), renderRotate),
  );
}

export function registerRotateDbPassword(command: Command, invoke: Invoke, run = runRotate): void {
  addFlags(command).action(() =>
    invoke(command, (given) => run('databasePassword', command.opts<RotateFlags>(), given), renderRotate),
  );
}

function addFlags(command: Command): Command {
  return command
    .option('--from-env <variable>', 'the variable that holds the new value; it is generated when left out')
    .option('--as-written', 'take the value that .env has by now')
    .addOption(timeoutOption())
    .addHelpText('after', FOOTER);
}

export function renderRotate({ project, secret, secretsFile, restarted, elapsedMs }: RotateData): string {
  const how = restarted ? `in use (${formatDuration(elapsedMs)})` : 'used from the next start on';
  return `${project} has a new ${secret}, ${how}; it is in ${secretsFile}\nproviders, aliases and virtual keys stay as they are\n`;
}

const FOOTER = helpFooter({
  examples: ['agents-llm rotate-master-key', 'agents-llm rotate-db-password'],
  json: '{project, secret, secretsFile, restarted, elapsedMs}; never the value',
  exits: [4, 5, 6, 7, 8, 9, 10],
});
