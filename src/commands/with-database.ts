import type { Runtime } from '../runtime/runtime.ts';
import { DATABASE, type StackSpec } from '../service.ts';
import type { Invocation } from './invocation.ts';
import { startDatabase } from './start-database.ts';

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
