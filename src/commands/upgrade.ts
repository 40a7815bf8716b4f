import { type Command, InvalidArgumentError, Option } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import { parseImage, timeoutOption } from '../cli/flag-values.ts';
import type { Invoke } from '../cli/invoke.ts';
import { parseVersion, type Version } from '../litellm/releases/litellm-version.ts';
import { checkRelease, type ReleaseCheck } from '../stack/upgrade/check-release.ts';
import { runUpgrade, type UpgradeData, type UpgradeFlags } from '../stack/upgrade/upgrade-stack.ts';
import { formatDuration } from '../text/duration.ts';

export function registerUpgrade(command: Command, invoke: Invoke, run = runUpgrade): void {
  addNotes(command, NOTES);
  command
    .option('--to <version>', 'LiteLLM version (default: the one of this agents-llm)', parseTo)
    .addOption(new Option('--image <reference>', 'another image').argParser(parseImage).conflicts('to'))
    .addOption(
      new Option('--pull <policy>', 'when to download the image')
        .choices(['missing', 'always', 'never'])
        .default('missing'),
    )
    .addOption(
      new Option('--check', 'only ask PyPI for the newest LiteLLM').conflicts(['to', 'image', 'force', 'backup']),
    )
    .option('--no-backup', 'do not back up the data first')
    .option('-f, --force', 'allow an older version, which may not read the tables')
    .addOption(timeoutOption())
    .action(() => {
      const { check, ...flags } = command.opts<UpgradeFlags & { readonly check?: boolean }>();
      return check
        ? invoke(command, (invocation) => checkRelease(invocation), renderCheck)
        : invoke(command, (invocation) => run(flags, invocation), renderUpgrade);
    });
}

function parseTo(text: string): Version {
  const version = parseVersion(text);
  if (version) return version;
  throw new InvalidArgumentError('A version looks like v1.108.11');
}

export function renderUpgrade({ project, change, from, to, version, backup, elapsedMs }: UpgradeData): string {
  if (change === 'unchanged') return `${project} already runs ${to}\n`;
  const before = backup === null ? '' : `Backup of the previous data: ${backup}\n`;
  return `Upgraded ${project} from ${from} to LiteLLM ${version ?? to}, with all of its data (${formatDuration(elapsedMs)})\n${before}`;
}

export function renderCheck(check: ReleaseCheck): string {
  const { project, image, version, tested, newest, published, newer, commands } = check;
  const runs = version === null ? `${project} runs ${image}` : `${project} runs LiteLLM ${version}`;
  const day = published === null ? '' : ` (${published})`;
  const made = tested === null ? '' : `; agents-llm is tested with ${tested}`;
  if (!newer) return `${runs}, the newest release${newest === version ? day : ''}\n`;
  const steps = commands.map((command, at) => `${at === 0 ? 'Upgrade' : 'Or to the newest'}: ${command}\n`);
  const wait = 'A newer agents-llm brings it: without Docker each LiteLLM needs a lock file\n';
  return `${runs}. The newest release is ${newest}${day}${made}\n${steps.join('') || wait}`;
}

const NOTES: CommandNotes = {
  examples: ['agents-llm upgrade', 'agents-llm upgrade --to v1.108.11', 'agents-llm upgrade --check'],
  json: '{project, change: "upgraded"|"unchanged", from, to, version, backup, elapsedMs}; with --check {project, change: "checked", image, version, tested, newest, published, newer, commands}',
  exits: [3, 5, 6, 7, 9, 10],
};
