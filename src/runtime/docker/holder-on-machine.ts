import type { Processes } from '../../io/processes/processes.ts';
import { findPortHolder, type PortHolder } from '../port-holder.ts';
import { connectEngine, type EngineOptions } from './engine/connect-engine.ts';
import { publishingContainer } from './publishing-container.ts';

export type HolderMachine = Omit<EngineOptions, 'signal'> & { readonly processes: Pick<Processes, 'listener'> };

/** An engine that hangs must not hold up the error, which the container's name only improves. */
const ENGINE_MS = 2000;

/** Who holds a port of this machine, on either runtime: a container, if an engine on this machine publishes the port. */
export function holderOnMachine(port: number, machine: HolderMachine): Promise<PortHolder | undefined> {
  return findPortHolder(port, {
    processes: machine.processes,
    container: async () => {
      const { engine } = await connectEngine({ ...machine, signal: AbortSignal.timeout(ENGINE_MS) });
      return publishingContainer(engine, port);
    },
  });
}
