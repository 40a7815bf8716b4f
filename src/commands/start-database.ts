import type { Runtime } from '../runtime/runtime.ts';
import { DATABASE, type StackSpec } from '../service.ts';
import { waitForDatabase } from '../stack/wait-for-database.ts';
import type { Invocation } from './invocation.ts';
import { namingCause } from './stack-failure.ts';
import { START_ATTEMPTS, wasEnded } from './was-ended.ts';

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
