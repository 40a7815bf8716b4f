import { containerName, projectOf } from './container.ts';
import type { EngineClient } from './engine-client.ts';

/** The running container that publishes a port, in words. */
export async function portHolder(engine: EngineClient, port: number): Promise<string | undefined> {
  const found = await engine.containers({ key: 'publish', value: String(port) });
  const holder = found.find(({ State }) => State.Status === 'running' || State.Status === 'paused');
  if (!holder) return undefined;
  const project = projectOf(holder);
  return `container ${containerName(holder)}${project === undefined ? '' : ` of project ${project}`}`;
}
