import type { Operation } from '../../context/invocation.ts';
import { DATABASE } from '../../model/service.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { waitForDatabase } from '../health/wait-for-database.ts';
import { retryStart } from './retry-start.ts';
import { namingCause } from './stack-failure.ts';

interface Start {
  readonly spec: StackSpec;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

const START_MS = 120_000;

/** Runs what needs the database alone, which is started for it if need be and then stopped again. */
export async function withDatabase<Result>(
  invocation: Pick<Operation, 'context' | 'progress' | 'redaction'>,
  runtime: Runtime,
  spec: StackSpec,
  action: () => Promise<Result>,
): Promise<Result> {
  const { clock, signal } = invocation.context;
  if (spec.externalDatabase) return action();
  const isRunning = await isDatabaseRunning(runtime);
  if (!isRunning) invocation.progress.phase('Starting the database');
  await startDatabase(invocation, runtime, { spec, deadline: clock.now() + START_MS });
  try {
    return await action();
  } finally {
    // After Ctrl-C it keeps running, which does no harm.
    if (!isRunning && !signal.aborted) await runtime.stop();
  }
}

/** Starts the database alone and waits until it answers. */
export function startDatabase(
  invocation: Pick<Operation, 'context' | 'redaction'>,
  runtime: Runtime,
  start: Start,
): Promise<void> {
  return namingCause(invocation, runtime, () => retryStart(() => startOnce(invocation, runtime, start)));
}

async function startOnce(
  { context }: Pick<Operation, 'context'>,
  runtime: Runtime,
  { spec, deadline }: Start,
): Promise<void> {
  const { clock, signal } = context;
  if (!(await isDatabaseRunning(runtime))) await runtime.start(spec, { recreate: [], only: [DATABASE], signal });
  await waitForDatabase({ clock, signal, services: () => runtime.services(), deadline });
}

async function isDatabaseRunning(runtime: Pick<Runtime, 'services'>): Promise<boolean> {
  return (await runtime.services()).some(({ service, status }) => service === DATABASE && status === 'running');
}
