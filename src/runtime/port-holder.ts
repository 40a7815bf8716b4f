import type { Listener } from '../io/network/listener.ts';
import type { Processes } from '../io/processes/processes.ts';

/** The container or program that listens on a port of this machine. */
export interface PortHolder {
  /** `container web (project shop)`, `process 12 (node)`, `a program of user mallory`. */
  readonly name: string;
  /** What frees the port, as an imperative: `Stop it: docker stop web`. */
  readonly stop: string;
}

/** A container that publishes a port. */
export interface PublishingContainer {
  readonly name: string;
  readonly project: string | undefined;
}

export interface PortHolderOptions {
  readonly processes: Pick<Processes, 'listener'>;
  /** Asks the engine; rejects if none answers. */
  readonly container: (port: number) => Promise<PublishingContainer | undefined>;
}

/** Programs that forward a port to a container: killing one would make the container unreachable. */
const DOCKER = /^(docker-proxy|dockerd|com\.docker|vpnkit|rootlesskit|rootlessport|conmon|containers-rootlessport)/;
/** Programs that may forward to a container, among other things. */
const FORWARDER = /^(ssh|limactl|gvproxy|slirp4netns|pasta)/;

/** Undefined if the holder cannot be determined. */
export async function findPortHolder(port: number, options: PortHolderOptions): Promise<PortHolder | undefined> {
  const listener = await options.processes.listener(port);
  const isPlain = listener?.command != null && !DOCKER.test(listener.command) && !FORWARDER.test(listener.command);
  const container = isPlain ? undefined : await options.container(port).catch(() => undefined);
  return container ? containerHolder(container) : listener && describeListener(listener, port);
}

export function containerHolder({ name, project }: PublishingContainer): PortHolder {
  const suffix = project === undefined ? '' : ` (project ${project})`;
  return { name: `container ${name}${suffix}`, stop: `Stop it: docker stop ${name}` };
}

function describeListener({ pid, command, user }: Listener, port: number): PortHolder {
  if (command !== null && DOCKER.test(command)) {
    return { name: 'a container', stop: `Find the container, then stop it: docker ps --filter publish=${port}` };
  }
  if (pid !== null) return { name: `process ${pid} (${command})`, stop: `Stop it: kill ${pid}` };
  return { name: user === null ? 'another program' : `a program of user ${user}`, stop: 'Stop that program' };
}
