import type { Invocation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import { DATABASE } from '../../model/service.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { waitForDatabase } from '../health/wait-for-database.ts';
import { namingCause } from './stack-failure.ts';

interface Start {
  readonly spec: StackSpec;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** Starts the database alone and waits until it answers. */
export function startDatabase(invocation: Invocation, runtime: Runtime, start: Start): Promise<void> {
  return namingCause(invocation, runtime, async () => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await startOnce(invocation, runtime, start);
      } catch (error) {
        if (attempt === START_ATTEMPTS || !wasEnded(error)) throw error;
      }
    }
  });
}

async function startOnce({ context }: Invocation, runtime: Runtime, { spec, deadline }: Start): Promise<void> {
  const { clock, signal } = context;
  const services = () => runtime.services();
  const runs = (await services()).some(({ service, status }) => service === DATABASE && status === 'running');
  if (!runs) await runtime.start(spec, { recreate: [], only: [DATABASE], signal });
  await waitForDatabase({ clock, signal, services, deadline });
}

const START_MS = 120_000;

/** Runs what needs the database alone, which is started for it if need be and then stopped again. */
export async function withDatabase<Result>(
  invocation: Invocation,
  runtime: Runtime,
  spec: StackSpec,
  action: () => Promise<Result>,
): Promise<Result> {
  const { clock, signal } = invocation.context;
  if (spec.externalDatabase) return action();
  const services = await runtime.services();
  const runs = services.some(({ service, status }) => service === DATABASE && status === 'running');
  if (!runs) invocation.progress.phase('starting the database');
  await startDatabase(invocation, runtime, { spec, deadline: clock.now() + START_MS });
  try {
    return await action();
  } finally {
    // After Ctrl-C it is left running, which harms nothing.
    if (!runs && !signal.aborted) await runtime.stop();
  }
}

/** How often what something else has ended is started again: an engine that was killed ends and starts all there is. */
export const START_ATTEMPTS = 3;

/** Whether a service ended on a signal, or when its engine lost sight of it, and not by itself. */
export function wasEnded(error: unknown): boolean {
  if (!(error instanceof CliError) || error.code !== 'service_failed') return false;
  const { status, exitCode } = error.details;
  return (status === 'exited' || status === 'restarting') && [0, 137, 143, 255].includes(Number(exitCode));
}
