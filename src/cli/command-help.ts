import type { Command, Help, Option } from 'commander';
import { EXIT, EXIT_MEANING, type ExitCode } from '../model/errors.ts';

/** The exit codes of every command. */
const COMMON = [EXIT.done, EXIT.failed, EXIT.usage, EXIT.interrupted, EXIT.terminated] as const;

/** What scripts rely on: shown by `--help --verbose` and on the reference pages. */
export interface CommandNotes {
  /** What its flags do not say, below the description. */
  readonly about?: string;
  readonly examples: readonly string[];
  /** The fields of `data` in the JSON envelope; by the name of each command where those of a group differ. */
  readonly json: string | Readonly<Record<string, string>>;
  /** In addition to those of every command. */
  readonly exits: readonly Exclude<ExitCode, (typeof COMMON)[number]>[];
}

const NOTES = new WeakMap<Command, CommandNotes>();

export function addNotes(command: Command, notes: CommandNotes): void {
  NOTES.set(command, notes);
}

/** The notes of the command, or of the group that it belongs to. */
export function notesOf(command: Command): CommandNotes | undefined {
  return NOTES.get(command) ?? (command.parent ? NOTES.get(command.parent) : undefined);
}

/** A line for the command; for a group, a line for each of its commands. */
export function jsonLines({ json }: CommandNotes, command: Command): readonly string[] {
  if (typeof json === 'string') return [json];
  const own = json[command.name()];
  if (own !== undefined && command.commands.length === 0) return [own];
  return Object.entries(json).map(([name, fields]) => `${name}: ${fields}`);
}

/** The examples of the command itself, or else of its group. */
function examplesOf({ examples }: CommandNotes, command: Command): readonly string[] {
  const path = pathOf(command);
  const own = examples.filter((example) => `${example} `.includes(`${path} `));
  return own.length > 0 ? own : examples;
}

export function exitCodesOf({ exits }: CommandNotes): readonly ExitCode[] {
  return [...COMMON, ...exits].sort((a, b) => a - b);
}

/** The headings under which the options of a command stand. Only those of the first are described in the short help. */
export const OPTIONS = 'Options:';
export const ADVANCED = 'Advanced options:';
export const HTTPS = 'HTTPS options:';
export const GLOBAL = 'Global options:';

/** The help of the program and of each command; `verbose` describes every option and adds what scripts rely on. */
export function formatHelp(command: Command, help: Help, verbose: boolean): string {
  const width = help.helpWidth ?? 80;
  const notes = notesOf(command);
  const options = optionGroups(command, help);
  const isDescribed = ([heading]: Group<Option>) => verbose || heading === OPTIONS || command.parent === null;
  const described = options
    .filter(isDescribed)
    .map(([heading, members]) => table(heading, members.map(optionItem), help));
  const named = options
    .filter((group) => !isDescribed(group))
    .map(([heading, members]) => [
      heading,
      ...inLines(
        members.map(({ flags }) => flags),
        width,
      ),
    ]);
  return layOut([
    [`Usage: ${help.commandUsage(command)}`],
    [help.boxWrap(help.commandDescription(command), width)],
    notes?.about === undefined ? [] : [help.boxWrap(notes.about, width)],
    table(
      'Arguments:',
      help.visibleArguments(command).map((each) => [help.argumentTerm(each), each.description]),
      help,
    ),
    ...commandTables(command, help),
    ...described,
    ...named,
    notes ? ['Examples:', ...examplesOf(notes, command).map((example) => `  $ ${example}`)] : [],
    ...(verbose ? scriptParts(command, notes) : [moreAbout(command)]),
  ]);
}

type Group<Item> = readonly [heading: string, items: readonly Item[]];
type Row = readonly [term: string, text: string];

function layOut(parts: readonly (readonly string[])[]): string {
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n')}\n`;
}

function table(heading: string, rows: readonly Row[], help: Help, least = 0): readonly string[] {
  if (rows.length === 0) return [];
  const termWidth = Math.max(least, ...rows.map(([term]) => term.length));
  return [heading, ...rows.map(([term, text]) => help.formatItem(term, termWidth, text, help))];
}

function commandTables(command: Command, help: Help): readonly (readonly string[])[] {
  const commands = help.visibleCommands(command).filter((each) => command.parent === null || each.name() !== 'help');
  const rows = (members: readonly Command[]) =>
    members.map((each): Row => [help.subcommandTerm(each), each.description()]);
  const termWidth = Math.max(...rows(commands).map(([term]) => term.length));
  return grouped(commands, (each) => each.helpGroup() || 'Commands:').map(([heading, members]) =>
    table(heading, rows(members), help, termWidth),
  );
}

function optionGroups(command: Command, help: Help): readonly Group<Option>[] {
  const rank = (heading: string) => (heading === OPTIONS ? 0 : heading === GLOBAL ? 2 : 1);
  const groups = grouped(help.visibleOptions(command), ({ helpGroupHeading }) => helpGroupHeading ?? OPTIONS);
  return groups.toSorted(([a], [b]) => rank(a) - rank(b));
}

function grouped<Item>(items: readonly Item[], headingOf: (item: Item) => string): readonly Group<Item>[] {
  const groups = new Map<string, Item[]>();
  for (const each of items) groups.set(headingOf(each), [...(groups.get(headingOf(each)) ?? []), each]);
  return [...groups];
}

/** With its choices, unless the description names them, and its default. */
function optionItem(option: Option): Row {
  const { flags, description, argChoices = [], defaultValueDescription } = option;
  const isSaid = argChoices.every((choice) => description.includes(choice));
  const fallback = defaultValueDescription ?? (argChoices.length > 0 ? option.defaultValue : undefined);
  const extra = [
    ...(isSaid ? [] : [argChoices.join(', ')]),
    ...(fallback === undefined ? [] : [`default ${fallback}`]),
  ];
  return [flags, extra.length === 0 ? description : `${description} (${extra.join('; ')})`];
}

/** Option names, separated by two spaces. */
function inLines(names: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length + 2 <= width) lines[lines.length - 1] = `${last}  ${name}`;
    else lines.push(`  ${name}`);
  }
  return lines;
}

const ALL_CODES = Object.keys(EXIT_MEANING).map(Number) as ExitCode[];

function scriptParts(command: Command, notes: CommandNotes | undefined): readonly (readonly string[])[] {
  const codes = notes ? exitCodesOf(notes) : command.parent ? [] : ALL_CODES;
  const lines = codes.map((code) => `  ${String(code).padStart(3)}  ${EXIT_MEANING[code]}`);
  return [notes ? jsonPart(notes, command) : [], lines.length > 0 ? ['Exit codes:', ...lines] : []];
}

function jsonPart(notes: CommandNotes, command: Command): readonly string[] {
  const [first = '', ...more] = jsonLines(notes, command);
  if (more.length === 0) return [`JSON (--json): data = ${first}`];
  return ['JSON (--json): data =', ...[first, ...more].map((line) => `  ${line}`)];
}

function moreAbout(command: Command): readonly string[] {
  if (command.parent) return [`All options, JSON and exit codes: ${pathOf(command)} --help --verbose`];
  return ['Options and examples of a command: agents-llm help COMMAND', 'Exit codes: agents-llm --help --verbose'];
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
