import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseImage, timeoutOption } from '../cli/flag-values.ts';
import { helpFooter } from '../cli/help-footer.ts';
import type { Invoke } from '../cli/invoke.ts';
import { parseVersion, type Version } from '../litellm/releases/litellm-version.ts';
import { runUpgrade, type UpgradeData, type UpgradeFlags } from '../stack/upgrade/upgrade-stack.ts';
import { formatDuration } from '../text/duration.ts';

export function registerUpgrade(command: Command, invoke: Invoke, run = runUpgrade): void {
  command
    .option(
      '--to <version>',
      'which LiteLLM, such as v1.108.11 (default: the one that this agents-llm is made for)',
      parseTo,
    )
    .addOption(new Option('--image <reference>', 'another image').argParser(parseImage).conflicts('to'))
    .addOption(
      new Option('--pull <policy>', 'fetch the image').choices(['missing', 'always', 'never']).default('missing'),
    )
    .option('--no-backup', 'do not back up first')
    .option('-f, --force', 'also to an older version, whose tables may not fit')
    .addOption(timeoutOption())
    .addHelpText('after', FOOTER)
    .action(() => invoke(command, (invocation) => run(command.opts<UpgradeFlags>(), invocation), renderUpgrade));
}

function parseTo(text: string): Version {
  const version = parseVersion(text);
  if (version) return version;
  throw new InvalidArgumentError('A version is like v1.108.11.');
}

export function renderUpgrade({ project, change, from, to, version, backup, elapsedMs }: UpgradeData): string {
  if (change === 'unchanged') return `${project} runs ${to} already\n`;
  const before = backup === null ? '' : `the data of before: ${backup}\n`;
  return `${project} runs LiteLLM ${version ?? to} instead of ${from}, with all of its data (${formatDuration(elapsedMs)})\n${before}`;
}

const FOOTER = helpFooter({
  examples: ['agents-llm upgrade', 'agents-llm upgrade --to v1.108.11'],
  json: '{project, change: "upgraded"|"unchanged", from, to, version, backup, elapsedMs}',
  exits: [3, 5, 6, 7, 9, 10],
});
