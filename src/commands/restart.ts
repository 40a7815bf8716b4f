import { Argument, type Command } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import { parseServices, timeoutOption } from '../cli/flag-values.ts';
import type { Invoke } from '../cli/invoke.ts';
import type { Invocation } from '../context/invocation.ts';
import { CliError } from '../model/errors.ts';
import type { Outcome } from '../model/report.ts';
import { ALL_SERVICES, type ServiceName } from '../model/service.ts';
import { publicUrl, type StackSpec, servicesOf } from '../model/stack-spec.ts';
import { withLock } from '../project/with-lock.ts';
import { requireUnpaused } from '../runtime/paused-service.ts';
import { requireKnownSecrets } from '../stack/open/known-secrets.ts';
import { openStack, type RuntimeFor, requireSameEngine } from '../stack/open/open-stack.ts';
import { knownSpec } from '../stack/open/plan-spec.ts';
import { startStack } from '../stack/startup/start-stack.ts';
import { formatDuration } from '../text/duration.ts';

export interface RestartFlags {
  readonly timeout: number;
}

export interface RestartData {
  readonly project: string;
  readonly restarted: readonly ServiceName[];
  readonly url: string;
  readonly version: string | null;
  readonly elapsedMs: number;
}

export function registerRestart(command: Command, invoke: Invoke, run = runRestart): void {
  addNotes(command, NOTES);
  command
    .addArgument(new Argument('[service...]', `${ALL_SERVICES.join(', ')}; default: all`).argParser(parseServices))
    .addOption(timeoutOption())
    .action((services: readonly ServiceName[] | undefined) =>
      invoke(command, (invocation) => run(services ?? [], command.opts<RestartFlags>(), invocation), renderRestart),
    );
}

export async function runRestart(
  services: readonly ServiceName[],
  flags: RestartFlags,
  invocation: Invocation,
  runtimeFor?: RuntimeFor,
): Promise<Outcome<RestartData>> {
  const { context, settings } = invocation;
  const began = context.clock.now();
  await requireMade(invocation, runtimeFor);
  return withLock(invocation, 'restart', flags.timeout, async () => {
    const { runtime, state, secrets } = await requireMade(invocation, runtimeFor);
    requireKnownSecrets(invocation, secrets, state.fingerprints);
    requireSameEngine(state, await runtime.preflight());
    const spec = knownSpec(settings.project, state, runtime.defaults);
    const recreate = services.length > 0 ? services : servicesOf(spec);
    requireServices(recreate, spec);
    const deadline = context.clock.now() + flags.timeout;
    const health = await startStack(invocation, runtime, { spec, secrets, recreate, deadline });
    return {
      data: {
        project: settings.project,
        restarted: recreate,
        url: publicUrl(spec),
        version: health.version,
        elapsedMs: context.clock.now() - began,
      },
    };
  });
}

function requireServices(wanted: readonly ServiceName[], spec: StackSpec): void {
  const unknown = wanted.find((service) => !servicesOf(spec).includes(service));
  if (unknown === undefined) return;
  throw new CliError('usage', `This stack has no service ${unknown}`, {
    hint: `Name one of its services: ${servicesOf(spec).join(', ')}`,
  });
}

async function requireMade(invocation: Invocation, runtimeFor: RuntimeFor | undefined) {
  const { runtime, state, secrets } = await openStack(invocation, runtimeFor);
  const services = await runtime.services();
  requireUnpaused(services);
  if (state && secrets && services.length > 0) return { runtime, state, secrets };
  throw new CliError('not_running', 'There is no stack to restart', {
    hint: 'Start the stack: agents-llm up',
  });
}

export function renderRestart(data: RestartData): string {
  return `Restarted ${data.restarted.join(' and ')}; ready at ${data.url} (${formatDuration(data.elapsedMs)})\n`;
}

const NOTES: CommandNotes = {
  examples: ['agents-llm restart', 'agents-llm restart litellm'],
  json: '{project, restarted, url, version, elapsedMs}',
  exits: [4, 5, 6, 7, 9, 10],
};
