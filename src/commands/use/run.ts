import type { Command } from 'commander';
import { addNotes, type CommandNotes } from '../../cli/command-help.ts';
import type { Invoke } from '../../cli/invoke.ts';
import { addProvisionOptions, type ProvisionFlags } from '../../cli/provision-flags.ts';
import { runInForeground } from '../../cli/run-in-foreground.ts';
import type { Invocation } from '../../context/invocation.ts';
import type { ExitCode } from '../../model/errors.ts';
import type { Outcome } from '../../model/report.ts';
import { runProvisionKey } from '../provision-key.ts';

export function registerRun(command: Command, invoke: Invoke, run = runRun): void {
  addNotes(command, NOTES);
  addProvisionOptions(command)
    .argument('<command...>', 'the command and its options')
    .passThroughOptions()
    .action((words: string[]) =>
      invoke(command, (invocation) => run(words, command.opts<ProvisionFlags>(), invocation), null),
    );
}

/** Ends with the exit code of the child. */
export async function runRun(
  words: readonly string[],
  flags: ProvisionFlags,
  invocation: Invocation,
): Promise<Outcome<null>> {
  const { context } = invocation;
  const { data, warnings = [] } = await runProvisionKey(flags, invocation);
  const [file = '', ...args] = words;
  const env = { ...context.env, ...data.variables };
  const exitCode = await runInForeground({ file, args, env }, warnings, invocation);
  return { data: null, exitCode: exitCode as ExitCode };
}

const NOTES: CommandNotes = {
  examples: ['agents-llm run -- node server.js', 'agents-llm run --models gpt-5 -- python app.py'],
  json: "none: stdout is the child's",
  exits: [3, 4, 5, 6, 7, 8, 9, 10],
};
