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
  const now = await connectEngine(options);
  const { endpoint = now.endpoint, project } = stack;
  const home = endpoint === now.endpoint ? now : await connectEngine(onEndpoint(options, endpoint));
  const of = async ({ engine }: typeof now) =>
    serviceStates(await engine.containers({ key: 'label', value: `com.docker.compose.project=${project}` }));
  const services = async (): Promise<readonly ServiceState[]> => {
    if (home === now) return of(now);
    const found = await of(home).catch(() => []);
    return found.length > 0 ? found : of(now);
  };
  const socket = socketPath(home.endpoint);
  return dockerResponder({
    ...stack,
    ...machine,
    services,
    isPublishedByOther: async (port) => {
      const holder = await publishingContainer(home.engine, port);
      return holder !== undefined && holder.project !== project;
    },
    engineOwner: async () => (socket === undefined ? undefined : machine.files.owner(socket).catch(() => undefined)),
  });
}
