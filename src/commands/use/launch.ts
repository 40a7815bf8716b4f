import type { Command } from 'commander';
import { AGENTS, agentNamed } from '../../agents/agents.ts';
import { installedProgram, notInstalled } from '../../agents/installed-program.ts';
import { environmentOf, type ReadyAgent, readyAgent } from '../../agents/start-agent.ts';
import { type AgentFlags, addAgentOptions } from '../../cli/agent-flags.ts';
import { addNotes, type CommandNotes } from '../../cli/command-help.ts';
import type { Invoke } from '../../cli/invoke.ts';
import { runInForeground } from '../../cli/run-in-foreground.ts';
import type { Invocation } from '../../context/invocation.ts';
import { keyHash } from '../../litellm/admin/keys.ts';
import { CliError, type ExitCode } from '../../model/errors.ts';
import type { Outcome } from '../../model/report.ts';
import { alignColumns } from '../../text/align-columns.ts';

export interface LaunchFlags extends AgentFlags {
  readonly list?: boolean;
}

export interface ListedAgent {
  readonly name: string;
  readonly title: string;
  /** Null when it is not installed. */
  readonly path: string | null;
  readonly install: string;
}

export interface LaunchList {
  readonly agents: readonly ListedAgent[];
}

export function registerLaunch(command: Command, invoke: Invoke): void {
  addNotes(command, NOTES);
  addAgentOptions(command)
    .argument('[agent]', 'the agent to start')
    .argument('[arguments...]', 'what the agent itself takes, after --')
    .option('--list', 'show the agents and which of them are installed')
    .action((name: string | undefined, args: string[]) => {
      const flags = command.opts<LaunchFlags>();
      if (flags.list) return invoke(command, runList, renderAgents);
      return invoke(command, (invocation) => runLaunch(name, args, flags, invocation), null);
    });
}

/** Starts the agent on this terminal and ends with its exit code. */
export async function runLaunch(
  name: string | undefined,
  args: readonly string[],
  flags: LaunchFlags,
  invocation: Invocation,
): Promise<Outcome<null>> {
  const { context } = invocation;
  if (name === undefined) throw agentNotNamed();
  const agent = agentNamed(name);
  const file = await installedProgram(agent.program, context);
  if (file === undefined) throw notInstalled(agent);
  const ready = await readyAgent(agent, flags, flags, invocation);
  const since = context.clock.now();
  const program = { file, args: [...ready.args, ...args], env: environmentOf(ready, context.env) };
  const exitCode = await runInForeground(program, ready.key.warnings, invocation);
  if (!invocation.settings.quiet) context.streams.stderr.write(`${await usageLine(ready, since)}\n`);
  return { data: null, exitCode: exitCode as ExitCode };
}

const agentNotNamed = () =>
  new CliError('usage', 'Name the agent to start', {
    hint: ['See the agents: agents-llm launch --list', 'Start one: agents-llm launch claude'],
  });

/** Never fails, because the agent has already ended. */
async function usageLine({ client, key }: ReadyAgent, since: number): Promise<string> {
  const { describeUsage, usageOfRun } = await import('../../litellm/requests/usage-of-run.ts');
  const usage = await usageOfRun(client, keyHash(key.key), since).catch(() => undefined);
  return usage === undefined
    ? 'The usage of this run cannot be read. See what the key has spent: agents-llm key list'
    : describeUsage(usage);
}

async function runList({ context }: Invocation): Promise<Outcome<LaunchList>> {
  const agents = AGENTS.map(async ({ name, title, program, install }) => ({
    name,
    title,
    path: (await installedProgram(program, context)) ?? null,
    install,
  }));
  return { data: { agents: await Promise.all(agents) } };
}

function renderAgents({ agents }: LaunchList): string {
  const rows = agents.map(({ name, title, path, install }) => [
    name,
    title,
    path === null ? `not installed; install it: ${install}` : path,
  ]);
  return `${alignColumns([['AGENT', 'PROGRAM', 'INSTALLED'], ...rows])}\n`;
}

const NOTES: CommandNotes = {
  examples: [
    'agents-llm launch claude',
    'agents-llm launch codex --model fast -- exec "explain this repository"',
    'agents-llm launch --list',
  ],
  json: "none: stdout is the agent's; --list: {agents: [{name, title, path, install}]}",
  exits: [3, 4, 5, 6, 7, 8, 9, 10],
};
