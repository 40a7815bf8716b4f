import type { Clock } from '../../io/clock.ts';
import { killedForMemory } from '../../model/memory-limit.ts';
import type { Container } from './engine/container.ts';
import type { DockerCli } from './engine/docker-cli.ts';

interface Engine {
  readonly docker: DockerCli;
  readonly clock: Clock;
  /** The containers of the project. */
  readonly containers: () => Promise<readonly Container[]>;
}

const RECENT_SECONDS = 600;
const ANSWER_MS = 5000;

/**
 * Why the engine restarted a container, as a sentence; empty if unknown. A restarted container is no longer marked as killed
 * for its memory, but the engine still has the event.
 */
export async function causeOfRestart(id: string, { docker, clock, containers }: Engine): Promise<string> {
  const nowSeconds = Math.ceil(clock.now() / 1000);
  const window = ['--since', `${nowSeconds - RECENT_SECONDS}`, '--until', `${nowSeconds}`];
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
