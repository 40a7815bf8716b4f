import type { Argument, Command, Option } from 'commander';
import { nextArgument, type Position } from './command-position.ts';
import { kindOfArgument, kindOfOption, type ValueKind } from './value-kind.ts';

export interface Candidate {
  readonly value: string;
  /** What it is; may be empty. */
  readonly description: string;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Whether the shell should add file names. */
  readonly files: boolean;
}

/** The existing names of a kind. */
export type NamesOf = (kind: ValueKind) => Promise<readonly Candidate[]>;

/** The completions of the word that is being typed. */
export async function completeWord(position: Position, word: string, namesOf: NamesOf): Promise<Completion> {
  const { command, path, pending, operandsOnly } = position;
  if (pending) return optionValues(path, pending, word, namesOf);
  if (!operandsOnly && word.startsWith('-')) {
    const [, name, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
    const option = command.options.find(({ long }) => long === name);
    if (name === undefined || value === undefined) return beginningWith(word, flagsOf(position));
    if (!option) return NOTHING;
    const { candidates, files } = await optionValues(path, option, value, namesOf);
    return { candidates: candidates.map((each) => ({ ...each, value: `${name}=${each.value}` })), files };
  }
  const argument = nextArgument(position);
  const { candidates, files } = argument ? await argumentValues(path, argument, word, namesOf) : NOTHING;
  return { candidates: [...beginningWith(word, subcommandsOf(position)).candidates, ...candidates], files };
}

const NOTHING: Completion = { candidates: [], files: false };

function beginningWith(word: string, all: readonly Candidate[], files = false): Completion {
  return { candidates: all.filter(({ value }) => value.startsWith(word)), files };
}

const named = (value: string): Candidate => ({ value, description: '' });

function argumentValues(path: string, argument: Argument, word: string, namesOf: NamesOf): Promise<Completion> {
  return values(argument.argChoices, kindOfArgument(path, argument), word, namesOf);
}

/** A list (`--models a,b`) is completed at its last name. */
async function optionValues(path: string, option: Option, word: string, namesOf: NamesOf): Promise<Completion> {
  const isList = /<names>/.test(option.flags);
  const before = isList ? word.slice(0, word.lastIndexOf(',') + 1) : '';
  const found = await values(option.argChoices, kindOfOption(path, option), word.slice(before.length), namesOf);
  return { ...found, candidates: found.candidates.map((each) => ({ ...each, value: before + each.value })) };
}

async function values(
  choices: readonly string[] | undefined,
  kind: ValueKind | undefined,
  word: string,
  namesOf: NamesOf,
): Promise<Completion> {
  if (choices) return beginningWith(word, choices.map(named));
  if (kind === undefined) return NOTHING;
  const files = kind === 'files' || kind === 'backups' || kind === 'commands';
  return beginningWith(word, await namesOf(kind), files);
}

function subcommandsOf({ command, operands, operandsOnly }: Position): Candidate[] {
  if (operands > 0 || operandsOnly) return [];
  const visible: readonly Command[] = command.createHelp().visibleCommands(command);
  return visible.map((each) => ({ value: each.name(), description: each.summary() || each.description() }));
}

/** By their long names; flags that were given already only if they are repeatable. */
function flagsOf({ command, used }: Position): Candidate[] {
  const visible = command.createHelp().visibleOptions(command);
  return visible
    .filter((option) => !used.has(option) || option.variadic || /repeatable/.test(option.description))
    .map(({ long, short, description }) => ({ value: long ?? short ?? '', description }));
}
