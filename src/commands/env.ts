import { type Command, Option } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import type { Invoke } from '../cli/invoke.ts';
import { addProvisionOptions, type ProvisionFlags } from '../cli/provision-flags.ts';
import type { Invocation } from '../context/invocation.ts';
import { SHELLS, type Shell, shellVariables } from '../litellm/keys/shell-variables.ts';
import type { Outcome } from '../model/report.ts';
import { collectName, type ProvisionKeyData, runProvisionKey } from './provision-key.ts';

export interface EnvFlags extends ProvisionFlags {
  readonly shell: Shell;
  readonly name?: Readonly<Record<string, string>>;
}

export type EnvData = Pick<ProvisionKeyData, 'variables' | 'alias' | 'change'>;

export function registerEnv(command: Command, invoke: Invoke, run = runEnv): void {
  addNotes(command, NOTES);
  addProvisionOptions(command)
    .addOption(new Option('--shell <shell>', 'syntax of the output').choices(SHELLS).default('sh'))
    .option('--name <NAME=MY_NAME>', 'another name for a variable (repeatable)', collectName)
    .action(() => {
      const flags = command.opts<EnvFlags>();
      return invoke(
        command,
        (invocation) => run(flags, invocation),
        ({ variables }) => shellVariables(variables, flags.shell),
      );
    });
}

/** Prints the existing key, or creates one. */
export async function runEnv(flags: EnvFlags, invocation: Invocation): Promise<Outcome<EnvData>> {
  const { data, warnings = [] } = await runProvisionKey(flags, invocation);
  return { data: { variables: data.variables, alias: data.alias, change: data.change }, warnings };
}

const NOTES: CommandNotes = {
  examples: [
    'eval "$(agents-llm env)"',
    'agents-llm env --shell fish | source',
    'agents-llm env --shell powershell | Invoke-Expression',
  ],
  json: '{variables: {OPENAI_API_KEY, OPENAI_BASE_URL}, alias, change}',
  exits: [3, 4, 5, 6, 7, 8, 9, 10],
};
