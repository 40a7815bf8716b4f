import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addNotes, type CommandNotes, exitCodesOf, formatHelp, notesOf } from '../../../src/cli/command-help.ts';

const NOTES: CommandNotes = { examples: ['tool go'], json: '{done}', exits: [10, 3] };

function tool() {
  const program = new Command('tool');
  const group = program.command('group').description('Work with a group').option('--all', 'all of them');
  const child = group.command('child').description('Work with a child');
  return { program, group, child };
}

test('shows the notes of the command or of its group', () => {
  const { program, group, child } = tool();
  addNotes(group, NOTES);
  expect(notesOf(child)).toBe(NOTES);
  const own = { ...NOTES, json: '{own}' };
  addNotes(child, own);
  expect([notesOf(program), notesOf(group), notesOf(child)]).toEqual([undefined, NOTES, own]);
});

test('lists the common exit codes and those of the command, in order', () => {
  expect(exitCodesOf(NOTES)).toEqual([0, 1, 2, 3, 10, 130, 143]);
});

test('describes the first group of options in the short help and names the others', () => {
  const { group } = tool();
  addNotes(group, { ...NOTES, about: 'It works on all.' });
  group.optionsGroup('Advanced options:').option('--deep', 'look deeper').option('--wide <number>', 'look wider');
  const short = formatHelp(group, group.createHelp(), false);
  expect(short).toContain('\n\nIt works on all.\n\nCommands:\n  child');
  expect(short).toContain('Advanced options:\n  --deep  --wide <number>\n');
  expect(short).toContain('Examples:\n  $ tool go\n\nAll options, JSON and exit codes: tool group --help --verbose\n');
  const long = formatHelp(group, group.createHelp(), true);
  expect(long).toContain('--wide <number>  look wider\n');
  expect(long).toContain('JSON (--json): data = {done}\n\nExit codes:\n    0  success');
});

test("shows JSON and examples of a subcommand in its help, and all of them in the group's help", () => {
  const { group, child } = tool();
  const examples = ['tool group child 1', 'tool group other'];
  addNotes(group, { ...NOTES, examples, json: { group: '{all}', child: '{one}' } });
  const helpOf = (command: Command) => formatHelp(command, command.createHelp(), true);
  expect(helpOf(child)).toContain('Examples:\n  $ tool group child 1\n\nJSON (--json): data = {one}\n\n');
  expect(helpOf(group)).toContain('  $ tool group other\n\nJSON (--json): data =\n  group: {all}\n  child: {one}\n\n');
  const rest = group.command('rest');
  expect(helpOf(rest)).toContain('Examples:\n  $ tool group child 1\n  $ tool group other\n\n');
});
