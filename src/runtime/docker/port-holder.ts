import { describeContainer } from './container.ts';
import type { EngineClient } from './engine-client.ts';

/** The running container that publishes a port, in words. */
export async function portHolder(engine: EngineClient, port: number): Promise<string | undefined> {
  const found = await engine.containers({ key: 'publish', value: String(port) });
  const holder = found.find(({ State }) => State.Status === 'running' || State.Status === 'paused');
  return holder && describeContainer(holder);
}
