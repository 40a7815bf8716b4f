import type { Command } from 'commander';
import { CliError } from '../errors.ts';
import { confirm } from '../io/prompt.ts';
import type { Outcome } from '../report.ts';
import type { Inventory, Runtime } from '../runtime/runtime.ts';
import { commandLine } from '../settings.ts';
import { readState } from '../stack/state.ts';
import { helpFooter } from './help-footer.ts';
import type { Invocation, Invoke } from './invocation.ts';
import { requireSameEngine, runtimeOf, withLock } from './open-stack.ts';

export interface DownFlags {
  readonly volumes?: boolean;
  readonly force?: boolean;
}

export interface DownData {
  readonly project: string;
  readonly change: 'stopped' | 'deleted' | 'unchanged';
  /** Services that were running. */
  readonly stopped: readonly string[];
  /** What is gone for good; empty unless `--volumes` was given. */
  readonly deleted: {
    readonly containers: readonly string[];
    readonly volumes: readonly string[];
    readonly files: readonly string[];
  };
}

const LOCK_WAIT_MS = 60_000;
const NOTHING = { containers: [], volumes: [], files: [] };

export function registerDown(command: Command, invoke: Invoke, run = runDown): void {
  command
    .option('--volumes', 'delete the data and the secrets too')
    .option('-f, --force', 'do not ask')
    .addHelpText('after', FOOTER)
    .action(() => invoke(command, (invocation) => run(command.opts<DownFlags>(), invocation), renderDown));
}

export async function runDown(flags: DownFlags, invocation: Invocation): Promise<Outcome<DownData>> {
  const { context, settings } = invocation;
  const runtime = runtimeOf(invocation);
  const exists = (await context.files.owner(settings.paths.folder)) !== undefined;
  const act = () => (flags.volumes ? deleteStack(flags, invocation, runtime) : stopStack(invocation, runtime));
  // Without a folder there is nothing to lock, and nothing that another command of ours could be doing.
  return exists ? withLock(invocation, 'down', LOCK_WAIT_MS, act) : act();
}

/** Stops and keeps the containers: a volume that a container refers to survives `docker volume prune` on every engine. */
async function stopStack(invocation: Invocation, runtime: Runtime): Promise<Outcome<DownData>> {
  const { context, settings, progress } = invocation;
  const state = await readState(context.files, settings.paths);
  await requireHere(invocation, runtime, state);
  const running = (await runtime.services()).filter(({ status }) => status !== 'exited' && status !== 'created');
  const stopped = running.map((service) => service.service);
  if (stopped.length > 0) {
    progress.phase('stopping');
    await runtime.stop();
  }
  const change = stopped.length > 0 ? 'stopped' : 'unchanged';
  return { data: { project: settings.project, change, stopped, deleted: NOTHING } };
}

async function deleteStack(flags: DownFlags, invocation: Invocation, runtime: Runtime): Promise<Outcome<DownData>> {
  const { context, settings, progress } = invocation;
  const { paths, project } = settings;
  // A broken state file must not stand in the way of deleting the stack.
  const state = await readState(context.files, paths).catch((error) => {
    if (error instanceof CliError && error.code === 'state_invalid') return undefined;
    throw error;
  });
  await requireHere(invocation, runtime, state);
  const inventory = await runtime.inventory();
  const files = await existing(invocation, [paths.secrets, paths.settings, paths.state, paths.keys]);
  if (inventory.containers.length + inventory.volumes.length + inventory.networks.length + files.length === 0) {
    return { data: { project, change: 'unchanged', stopped: [], deleted: NOTHING } };
  }
  await requireConsent(flags, invocation, inventory, files);
  const stopped = (await runtime.services()).filter(({ status }) => status === 'running').map(({ service }) => service);
  progress.phase('deleting');
  await runtime.remove({ volumes: true });
  // The secrets go last: while any of the data is left, they are needed to read it.
  for (const file of files) await context.files.remove(file);
  const { containers, volumes } = inventory;
  return { data: { project, change: 'deleted', stopped, deleted: { containers, volumes, files } } };
}

async function requireHere(invocation: Invocation, runtime: Runtime, state: Parameters<typeof requireSameEngine>[0]) {
  if (!state || state.engine.endpoint === (await runtime.endpoint())) return;
  requireSameEngine(state, await runtime.preflight(), invocation.settings.project);
}

async function existing({ context }: Invocation, paths: readonly string[]): Promise<string[]> {
  const owners = await Promise.all(paths.map((path) => context.files.owner(path)));
  return paths.filter((_, i) => owners[i] !== undefined);
}

async function requireConsent(
  flags: DownFlags,
  { context, settings }: Invocation,
  inventory: Inventory,
  files: readonly string[],
): Promise<void> {
  if (flags.force) return;
  const rows = [
    ...inventory.containers.map((name) => `container ${name}`),
    ...inventory.networks.map((name) => `network   ${name}`),
    ...inventory.volumes.map((name) => `volume    ${name}  (all providers, aliases, keys and spend)`),
    ...files.map((path) => `file      ${path}`),
  ];
  const list = `this deletes for good:\n${rows.map((row) => `  ${row}\n`).join('')}`;
  const { stdin, stderr } = context.streams;
  stderr.write(list);
  if (stdin.isTTY && stderr.isTerminal && (await confirm('Delete all of it?', context.streams, context.signal))) return;
  throw new CliError('confirmation_needed', 'nothing was deleted', {
    hint: `to delete without a question: ${commandLine(settings.project, 'down --volumes --force')}`,
    details: { ...inventory, files },
  });
}

export function renderDown(data: DownData): string {
  if (data.change === 'unchanged') return `${data.project} is not running: nothing to do\n`;
  if (data.change === 'stopped') {
    return `${data.project} is stopped; its data is kept (${commandLine(data.project, 'up')} starts it again)\n`;
  }
  const { containers, volumes, files } = data.deleted;
  return `${data.project} is deleted: ${[...containers, ...volumes, ...files].join(', ')}\n`;
}

const FOOTER = helpFooter({
  examples: ['agents-llm down', 'agents-llm down --volumes', 'agents-llm down --volumes --force'],
  json: '{project, change: "stopped"|"deleted"|"unchanged", stopped, deleted: {containers, volumes, files}}',
  exits: [3, 5, 7, 9],
});
