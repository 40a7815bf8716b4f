import type { Clock } from '../../io/clock.ts';
import type { Connection } from '../../io/network/connection.ts';
import type { Processes } from '../../io/processes/processes.ts';
import { DATABASE, PROXY, type ServiceState } from '../../model/service.ts';
import { reachableHost } from '../../model/stack-spec.ts';
import type { FindResponder, Responder } from '../responder.ts';

export interface DockerResponderOptions {
  readonly bind: string;
  readonly port: number;
  /** What has just been seen of the services, so that they need not be asked for again. */
  readonly seen?: readonly ServiceState[] | undefined;
  readonly services: () => Promise<readonly ServiceState[]>;
  /** Whether a container of another project publishes the port. */
  readonly isPublishedByOther: (port: number) => Promise<boolean>;
  /** Whose the engine's socket is; undefined when it has none on this machine. */
  readonly engineOwner: () => Promise<number | undefined>;
  readonly uid: number | undefined;
  readonly processes: Pick<Processes, 'servedBy'>;
  readonly clock: Clock;
}

/** How long what the engine said counts for further connections. */
const SEEN_MS = 1000;
/** The engine opens the port of a container a little before it calls that running. */
const SETTLE_MS = 1000;
const LOOK_EVERY_MS = 100;

/**
 * Under Docker the proxy is the container of this project that publishes the port, as the engine says. Where the system shows
 * whose the other end is, it must be the engine's, root's or our own too: containers are reached through a program of theirs.
 */
export function dockerResponder(options: DockerResponderOptions): FindResponder {
  const { clock, processes } = options;
  const look = recentLook(options);
  return async (connection, signal) => {
    const [user, services] = await Promise.allSettled([processes.servedBy(connection), look(false)]);
    if (user.status === 'fulfilled' && (await isForeign(user.value, options))) return unless(connection, 'other');
    if (services.status === 'rejected') throw services.reason;
    const until = clock.now() + SETTLE_MS;
    for (let found = services.value; ; found = await look(true)) {
      const own = isHere(connection, options) ? ownResponder(found, options) : undefined;
      if (own) return own;
      const hasProxy = found.some(({ service }) => service === PROXY);
      const isOver = !hasProxy || clock.now() >= until || (await options.isPublishedByOther(options.port));
      if (isOver || connection.isClosed()) return unless(connection, 'other');
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  };
}

const unless = (connection: Connection, who: 'other'): Responder => ({ who: connection.isClosed() ? 'gone' : who });

/** `localhost` may lead to `::1`, which is another's when the port is published on 127.0.0.1 alone. */
const isHere = ({ remote }: Connection, { bind }: DockerResponderOptions) =>
  bind === '0.0.0.0' || remote.address === bind;

function ownResponder(
  services: readonly ServiceState[],
  { bind, port }: DockerResponderOptions,
): Responder | undefined {
  const stateOf = (name: string) => services.find(({ service }) => service === name);
  const [proxy, database] = [stateOf(PROXY), stateOf(DATABASE)];
  const { published } = proxy ?? {};
  if (!proxy || published?.port !== port || reachableHost(published.bind) !== reachableHost(bind)) return undefined;
  const paused = [proxy, database].find((service) => service?.status === 'paused');
  if (paused) return { who: 'paused', service: paused };
  return proxy.status === 'running' ? { who: 'proxy' } : undefined;
}

async function isForeign(user: number | undefined, { uid, engineOwner }: DockerResponderOptions): Promise<boolean> {
  if (user === undefined || user === 0 || user === uid) return false;
  return user !== (await engineOwner());
}

function recentLook({ services, seen, clock }: DockerResponderOptions) {
  let last = seen && { at: clock.now(), found: Promise.resolve(seen) };
  return (isFresh: boolean) => {
    if (!last || isFresh || clock.now() - last.at > SEEN_MS) {
      last = { at: clock.now(), found: services() };
      // A look that failed is no answer for the next.
      last.found.catch(() => {
        last = undefined;
      });
    }
    return last.found;
  };
}
