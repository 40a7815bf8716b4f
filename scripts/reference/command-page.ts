import type { Command, Option } from 'commander';
import { type CommandNotes, exitCodesOf, jsonLines, notesOf } from '../../src/cli/command-help.ts';
import { EXIT_MEANING } from '../../src/model/errors.ts';
import { COMMAND_GUIDES } from './command-guides.ts';
import { code, fenced, MADE_BY, page, table } from './markdown.ts';

/** The reference of a command and of its subcommands. */
export function commandPage(command: Command, globalOptions: readonly Option[]): string {
  const { guide, runs } = COMMAND_GUIDES[command.name()] ?? {};
  const notes = notesOf(command);
  const isGroup = command.commands.length > 0;
  return page(
    MADE_BY,
    `# agents-llm ${command.name()}`,
    `${command.description()}.${guide ? ` Guide: [${guide.split('#')[0]}](../${guide}).` : ''}`,
    ...(isGroup ? command.commands.map((child) => `## ${child.name()}\n\n${usage(child, globalOptions)}`) : []),
    ...(isGroup ? [] : [usage(command, globalOptions)]),
    'Also takes the [global options](README.md#global-options).',
    runs ? `**What it runs**\n\n${fenced(runs)}` : '',
    ...(notes ? contract(notes, command) : []),
  );
}

function usage(command: Command, globalOptions: readonly Option[]): string {
  const help = command.createHelp();
  const options = help
    .visibleOptions(command)
    .filter((option) => option.long !== '--help' && globalOptions.every(({ long }) => long !== option.long));
  const described = command.registeredArguments.filter(({ description }) => description !== '');
  return [
    ...(command.parent?.parent ? [`${command.description()}.`] : []),
    fenced([help.commandUsage(command)]),
    ...(described.length > 0
      ? [
          table(
            ['argument', 'meaning'],
            described.map((each) => [code(each.name()), help.argumentDescription(each)]),
          ),
        ]
      : []),
    ...(options.length > 0
      ? [
          table(
            ['option', 'meaning'],
            options.map((option) => [code(option.flags), help.optionDescription(option)]),
          ),
        ]
      : []),
  ].join('\n\n');
}

function contract(notes: CommandNotes, command: Command): readonly string[] {
  return [
    `## Examples\n\n${fenced(notes.examples, 'sh')}`,
    `## JSON\n\n${code('data')} of the [envelope](../scripting.md#json):\n\n${fenced(jsonLines(notes, command))}`,
    `## Exit codes\n\n${table(
      ['code', 'meaning'],
      exitCodesOf(notes).map((exit) => [String(exit), EXIT_MEANING[exit]]),
    )}`,
  ];
}
