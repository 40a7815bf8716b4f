import type { Clock } from '../../io/clock.ts';
import { killedForMemory } from '../../model/memory-limit.ts';
import type { Container } from './engine/container.ts';
import type { DockerCli } from './engine/docker-cli.ts';

interface Engine {
  readonly docker: DockerCli;
  readonly clock: Clock;
  /** Those of the project. */
  readonly containers: () => Promise<readonly Container[]>;
}

const RECENT_SECONDS = 600;
const ANSWER_MS = 5000;

/**
 * Why the engine started a container again, in words; empty where it does not tell. A container that runs again has lost the
 * mark that it was killed for its memory, but the engine still knows the event.
 */
export async function causeOfRestart(id: string, { docker, clock, containers }: Engine): Promise<string> {
  const now = Math.ceil(clock.now() / 1000);
  const window = ['--since', `${now - RECENT_SECONDS}`, '--until', `${now}`];
  const filters = ['--filter', `container=${id}`, '--filter', 'event=oom'];
  const [events, found] = await Promise.all([
    docker(['events', ...window, ...filters, '--format', '{{.Action}}'], { timeoutMs: ANSWER_MS }),
    containers(),
  ]);
  const container = found.find(({ Id }) => Id === id);
  return events.exitCode === 0 && events.stdout.trim() !== '' && container
    ? killedForMemory(container.HostConfig.Memory)
    : '';
}
