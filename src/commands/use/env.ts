import { type Command, Option } from 'commander';
import { addNotes, type CommandNotes } from '../../cli/command-help.ts';
import type { Invoke } from '../../cli/invoke.ts';
import { addProvisionOptions, keyWish, type ProvisionFlags } from '../../cli/provision-flags.ts';
import type { Invocation } from '../../context/invocation.ts';
import { SHELLS, type Shell, shellComment, shellUnset, shellVariables } from '../../litellm/keys/shell-variables.ts';
import type { Outcome } from '../../model/report.ts';
import { shellWord } from '../../text/shown-text.ts';
import { collectName, type ProvisionKeyData, runProvisionKey } from '../provision-key.ts';

export interface EnvFlags extends ProvisionFlags {
  readonly shell: Shell;
  /** An agent's name. */
  readonly for?: string;
  readonly model: string;
  readonly name?: Readonly<Record<string, string>>;
}

export type EnvData = Pick<ProvisionKeyData, 'variables' | 'alias' | 'change'> & Partial<AgentLine>;

/** With `--for`: how the agent is started. */
interface AgentLine {
  /** Variables to unset, because they contradict the others. */
  readonly removed: readonly string[];
  /** The program and the arguments that it needs. */
  readonly command: readonly string[];
}

export function registerEnv(command: Command, invoke: Invoke, run = runEnv): void {
  addNotes(command, NOTES);
  addProvisionOptions(command)
    .addOption(new Option('--shell <shell>', 'syntax of the output').choices(SHELLS).default('sh'))
    .option('--name <NAME=MY_NAME>', 'another name for a variable (repeatable)', collectName)
    .option('--for <agent>', 'the variables that launch sets for this coding agent')
    .option('--model <alias>', 'with --for: the alias that the agent uses', 'gpt-5')
    .action(() => {
      const flags = command.opts<EnvFlags>();
      return invoke(
        command,
        (invocation) => (flags.for === undefined ? run(flags, invocation) : runEnvFor(flags.for, flags, invocation)),
        (data) => renderEnv(data, flags.shell),
      );
    });
}

/** Prints the existing key, or creates one. */
export async function runEnv(flags: EnvFlags, invocation: Invocation): Promise<Outcome<EnvData>> {
  const { data, warnings = [] } = await runProvisionKey(flags, invocation);
  return { data: { variables: data.variables, alias: data.alias, change: data.change }, warnings };
}

async function runEnvFor(name: string, flags: EnvFlags, invocation: Invocation): Promise<Outcome<EnvData>> {
  // Loaded only here, because many shells run `eval "$(agents-llm env)"` at their start.
  const [{ agentNamed }, { readyAgent }] = await Promise.all([
    import('../../agents/agents.ts'),
    import('../../agents/start-agent.ts'),
  ]);
  const agent = agentNamed(name);
  const { maxBudget } = keyWish(flags, {});
  const wish = { model: flags.model, keyAlias: flags.alias, maxBudget };
  const ready = await readyAgent(agent, wish, flags, invocation);
  const { variables, removed, args, key } = ready;
  const data = { variables, alias: key.alias, change: key.change, removed, command: [agent.program, ...args] };
  return { data, warnings: key.warnings };
}

function renderEnv({ variables, removed = [], command = [] }: EnvData, shell: Shell): string {
  const start = command.length > 1 ? shellComment(`Start it with: ${command.map(shellWord).join(' ')}`, shell) : '';
  return start + shellUnset(removed, shell) + shellVariables(variables, shell);
}

const NOTES: CommandNotes = {
  examples: [
    'eval "$(agents-llm env)"',
    'agents-llm env --shell fish | source',
    'agents-llm env --shell powershell | Invoke-Expression',
    'eval "$(agents-llm env --for claude)"; claude',
  ],
  json: '{variables: {OPENAI_API_KEY, OPENAI_BASE_URL}, alias, change}, with --for also {removed, command}',
  exits: [3, 4, 5, 6, 7, 8, 9, 10],
};
