import type { Command } from 'commander';
import { COMMANDS } from '../../src/commands/command-table.ts';
import type { Context } from '../../src/context/context.ts';
import { createRedaction } from '../../src/model/redaction.ts';
import { buildProgram } from '../../src/program.ts';

export interface WholeProgram {
  readonly program: Command;
  /** Taken by the program and by each command. */
  readonly globalOptions: Command['options'];
}

const SILENT = { streams: { stdout: { write: () => {}, columns: 80 } } } as unknown as Context;

/** The program with every command loaded, to be read or parsed with: no command does anything. */
export async function wholeProgram(): Promise<WholeProgram> {
  const session = {
    command: 'agents-llm',
    exitCode: 0,
    project: 'agents-llm',
    verboseHelp: true,
    redaction: createRedaction(),
    warnings: [],
  } as const;
  const program = buildProgram(SILENT, { ...session, warnings: [] });
  let globalOptions: Command['options'] = [];
  for (const { name, load } of COMMANDS) {
    const command = program.commands.find((each) => each.name() === name);
    if (!command) throw new Error(`${name} is not a command of the program`);
    globalOptions = [...command.options];
    (await load())(command, async () => {});
    for (const child of command.commands) for (const option of globalOptions) child.addOption(option);
  }
  return { program, globalOptions };
}
