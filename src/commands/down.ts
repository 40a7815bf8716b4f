import type { Command } from 'commander';
import { agentsOfStack } from '../agents/connect/agents-of-stack.ts';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import type { Invoke } from '../cli/invoke.ts';
import type { Invocation } from '../context/invocation.ts';
import type { Outcome } from '../model/report.ts';
import { npxLine } from '../model/settings.ts';
import { readState } from '../project/state.ts';
import { withLock } from '../project/with-lock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type DownData, type DownFlags, deleteStack, requireHere } from '../stack/lifecycle/delete-stack.ts';
import { rememberedRuntime } from '../stack/open/choose-runtime.ts';

const LOCK_WAIT_MS = 60_000;

const NOTHING = { containers: [], volumes: [], files: [] };

export function registerDown(command: Command, invoke: Invoke, run = runDown): void {
  addNotes(command, NOTES);
  command
    .option('--volumes', 'also delete the data and the secrets, after a backup')
    .option('--no-backup', 'with --volumes: delete without a backup')
    .option('-f, --force', 'do not ask for confirmation')
    .action(() => invoke(command, (invocation) => run(command.opts<DownFlags>(), invocation), renderDown));
}

export async function runDown(flags: DownFlags, invocation: Invocation): Promise<Outcome<DownData>> {
  const runtime = await rememberedRuntime(invocation);
  if (flags.volumes) await warnOfConnectedAgents(invocation);
  return withLock(invocation, 'down', LOCK_WAIT_MS, () =>
    flags.volumes ? deleteStack(flags, invocation, runtime) : stopStack(invocation, runtime),
  );
}

/** Their receipts stay, so that `disconnect` works when the stack is gone. */
async function warnOfConnectedAgents({ context, settings, warn }: Invocation): Promise<void> {
  for (const { agent, title } of await agentsOfStack(context.files, settings.paths.agents)) {
    warn(
      `${title} is still connected to this stack, and its settings stay as they are. Disconnect it: agents-llm disconnect ${agent}`,
    );
  }
}

/** Stops but keeps the containers, because `docker volume prune` spares a volume that a container refers to. */
async function stopStack(invocation: Invocation, runtime: Runtime): Promise<Outcome<DownData>> {
  const { context, settings, progress } = invocation;
  const state = await readState(context.files, settings.paths);
  await requireHere(runtime, state);
  const running = (await runtime.services()).filter(({ status }) => status !== 'exited' && status !== 'created');
  const stopped = running.map((service) => service.service);
  if (stopped.length > 0) {
    progress.phase('Stopping the services');
    await runtime.stop();
  }
  const change = stopped.length > 0 ? 'stopped' : 'unchanged';
  return { data: { project: settings.project, change, stopped, deleted: NOTHING, backup: null } };
}

export function renderDown(data: DownData): string {
  if (data.change === 'unchanged') return `${data.project} is not running\n`;
  if (data.change === 'stopped') {
    return `Stopped ${data.project}. Data is kept; run ${npxLine(data.project, 'up')} to start it again\n`;
  }
  const { containers, volumes, files } = data.deleted;
  const kept =
    data.backup === null
      ? ''
      : `Backup: ${data.backup}. Run ${npxLine(data.project, 'restore latest')} to bring it back\n`;
  return `Deleted ${data.project}: ${[...containers, ...volumes, ...files].join(', ')}\n${kept}`;
}

const NOTES: CommandNotes = {
  examples: ['agents-llm down', 'agents-llm down --volumes', 'agents-llm down --volumes --force --no-backup'],
  json: '{project, change: "stopped"|"deleted"|"unchanged", stopped, deleted: {containers, volumes, files}, backup}',
  exits: [3, 5, 7, 9],
};
