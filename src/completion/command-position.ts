import type { Argument, Command, Option } from 'commander';
import { isForeign } from './value-kind.ts';

/** Gives a command its options and subcommands, which come with the module that is loaded when it is called. */
export type Load = (command: Command) => Promise<void>;

/** What is known about a command line while it is being typed. */
export interface Position {
  readonly command: Command;
  /** `alias add`; empty for the program itself. */
  readonly path: string;
  /** How many arguments were given. */
  readonly operands: number;
  /** After `--`, and in the command line of another program. */
  readonly operandsOnly: boolean;
  /** The option whose value comes next. */
  readonly pending: Option | undefined;
  readonly used: ReadonlySet<Option>;
  /** The values of options, by their attribute. */
  readonly given: Readonly<Record<string, string>>;
}

/** Interprets the words as commander would, from the program's own declarations. */
export async function followWords(program: Command, words: readonly string[], load: Load): Promise<Position> {
  let position: Position = {
    command: program,
    path: '',
    operands: 0,
    operandsOnly: false,
    pending: undefined,
    used: new Set(),
    given: {},
  };
  for (const word of words) position = await follow(position, word, load);
  return position;
}

/** The next argument, or undefined if the command takes no more. */
export function nextArgument({ command, operands }: Position): Argument | undefined {
  const last = command.registeredArguments.at(-1);
  return command.registeredArguments[operands] ?? (last?.variadic ? last : undefined);
}

async function follow(position: Position, word: string, load: Load): Promise<Position> {
  const { command, path, operands, operandsOnly, pending, given } = position;
  if (pending) return { ...position, pending: undefined, given: { ...given, [pending.attributeName()]: word } };
  if (!operandsOnly && word === '--') return { ...position, operandsOnly: true };
  if (!operandsOnly && /^-./.test(word)) return followOption(position, word);
  const child = operands === 0 && !operandsOnly ? command.commands.find((each) => each.name() === word) : undefined;
  if (!child) return { ...position, operands: operands + 1, operandsOnly: operandsOnly || isForeign(path) };
  await load(child);
  return { ...position, command: child, path: path === '' ? word : `${path} ${word}` };
}

/** `--name`, `--name=value`, `-n` and `-nvalue`; unknown options are skipped. */
function followOption(position: Position, word: string): Position {
  const { command, used, given } = position;
  const [, name = word, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? /^(-[^-])(.+)$/s.exec(word) ?? [];
  const option = command.options.find(({ long, short }) => name === long || name === short);
  if (!option) return position;
  return {
    ...position,
    used: new Set([...used, option]),
    ...(value !== undefined && { given: { ...given, [option.attributeName()]: value } }),
    ...(value === undefined && option.required && { pending: option }),
  };
}
