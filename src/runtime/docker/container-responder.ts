import type { ServiceState } from '../../model/service.ts';
import type { FindResponder, Machine, OwnStack } from '../responder.ts';
import { dockerResponder } from './docker-responder.ts';
import { connectEngine, onEndpoint } from './engine/connect-engine.ts';
import { serviceStates } from './engine/container.ts';
import { socketPath } from './engine/endpoint.ts';
import { publishingContainer } from './publishing-container.ts';

/** Asks the engine that the stack was created on, or, if the project has nothing there, the one that the environment selects. */
export async function containerResponder(stack: OwnStack, machine: Machine): Promise<FindResponder> {
  const options = { ...machine, signal: new AbortController().signal };
  const selected = await connectEngine(options);
  const { endpoint = selected.endpoint, project } = stack;
  const origin = endpoint === selected.endpoint ? selected : await connectEngine(onEndpoint(options, endpoint));
  const servicesOn = async ({ engine }: typeof selected) =>
    serviceStates(await engine.containers({ key: 'label', value: `com.docker.compose.project=${project}` }));
  const services = async (): Promise<readonly ServiceState[]> => {
    if (origin === selected) return servicesOn(selected);
    const found = await servicesOn(origin).catch(() => []);
    return found.length > 0 ? found : servicesOn(selected);
  };
  const socket = socketPath(origin.endpoint);
  return dockerResponder({
    ...stack,
    ...machine,
    services,
    isPublishedByOther: async (port) => {
      const holder = await publishingContainer(origin.engine, port);
      return holder !== undefined && holder.project !== project;
    },
    engineOwner: async () => (socket === undefined ? undefined : machine.files.owner(socket).catch(() => undefined)),
  });
}
