import type { PublishingContainer } from '../port-holder.ts';
import { containerName, projectOf } from './engine/container.ts';
import type { EngineClient } from './engine/engine-client.ts';

/** The running container that publishes a port. */
export async function publishingContainer(
  engine: EngineClient,
  port: number,
): Promise<PublishingContainer | undefined> {
  const publishers = await engine.containers({ key: 'publish', value: String(port) });
  const holder = publishers.find(({ State }) => State.Status === 'running' || State.Status === 'paused');
  return holder && { name: containerName(holder), project: projectOf(holder) };
}
