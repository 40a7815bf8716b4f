import type { ServiceState } from '../../model/service.ts';
import type { FindResponder, Machine, OwnStack } from '../responder.ts';
import { dockerResponder } from './docker-responder.ts';
import { connectEngine, onEndpoint } from './engine/connect-engine.ts';
import { serviceStates } from './engine/container.ts';
import { socketPath } from './engine/endpoint.ts';
import { publishingContainer } from './publishing-container.ts';

/** By the engine that the environment means, and where the project has nothing on that, by the one that it was made on. */
export async function containerResponder(stack: OwnStack, machine: Machine): Promise<FindResponder> {
  const options = { ...machine, signal: new AbortController().signal };
  const named = await connectEngine(options);
  const { endpoint = named.endpoint, project } = stack;
  const own = endpoint === named.endpoint ? named : await connectEngine(onEndpoint(options, endpoint));
  const servicesOn = async ({ engine }: typeof named) =>
    serviceStates(await engine.containers({ key: 'label', value: `com.docker.compose.project=${project}` }));
  const services = async (): Promise<readonly ServiceState[]> => {
    if (own === named) return servicesOn(named);
    const found = await servicesOn(own).catch(() => []);
    return found.length > 0 ? found : servicesOn(named);
  };
  const socket = socketPath(own.endpoint);
  return dockerResponder({
    ...stack,
    ...machine,
    services,
    isPublishedByOther: async (port) => {
      const holder = await publishingContainer(own.engine, port);
      return holder !== undefined && holder.project !== project;
    },
    engineOwner: async () => (socket === undefined ? undefined : machine.files.owner(socket).catch(() => undefined)),
  });
}
