import type { Runtime } from '../runtime/runtime.ts';
import { DATABASE, type StackSpec } from '../service.ts';
import { waitForDatabase } from '../stack/wait-for-database.ts';
import type { Invocation } from './invocation.ts';
import { START_ATTEMPTS, wasEnded } from './was-ended.ts';

/** Starts the database alone and waits until it answers. `deadline` is in milliseconds since the epoch. */
export async function startDatabase(
  { context: { clock, signal } }: Pick<Invocation, 'context'>,
  runtime: Runtime,
  { spec, deadline }: { readonly spec: StackSpec; readonly deadline: number },
): Promise<void> {
  const services = () => runtime.services();
  for (let attempt = 1; ; attempt += 1) {
    const runs = (await services()).some(({ service, status }) => service === DATABASE && status === 'running');
    if (!runs) await runtime.start(spec, { recreate: [], only: [DATABASE], signal });
    try {
      return await waitForDatabase({ clock, signal, services, deadline });
    } catch (error) {
      if (attempt === START_ATTEMPTS || !wasEnded(error)) throw error;
    }
  }
}
