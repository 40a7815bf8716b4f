import type { Clock } from '../../io/clock.ts';
import type { Connection } from '../../io/network/connection.ts';
import type { Processes } from '../../io/processes/processes.ts';
import { DATABASE, PROXY, type ServiceState } from '../../model/service.ts';
import { reachableHost } from '../../model/stack-spec.ts';
import type { FindResponder, Responder } from '../responder.ts';

export interface DockerResponderOptions {
  readonly bind: string;
  readonly port: number;
  /** The services, if they have just been looked up. */
  readonly seen?: readonly ServiceState[] | undefined;
  readonly services: () => Promise<readonly ServiceState[]>;
  /** Whether a container of another project publishes the port. */
  readonly isPublishedByOther: (port: number) => Promise<boolean>;
  /** The owner of the engine's socket; undefined if it has none on this machine. */
  readonly engineOwner: () => Promise<number | undefined>;
  readonly uid: number | undefined;
  readonly processes: Pick<Processes, 'servedBy'>;
  readonly clock: Clock;
}

/** How long an answer of the engine is reused for further connections. */
const REUSE_MS = 1000;
/** The engine opens a container's port shortly before it reports the container as running. */
const SETTLE_MS = 1000;
const POLL_MS = 100;

/**
 * Recognises the gateway under Docker: the container of this project that publishes the port. If the system shows which user
 * serves the connection, it must be the engine's, root or ourselves, because the engine forwards the port.
 */
export function dockerResponder(options: DockerResponderOptions): FindResponder {
  const { clock, processes } = options;
  const services = cachedServices(options);
  return async (connection, signal) => {
    const [user, first] = await Promise.allSettled([processes.servedBy(connection), services(false)]);
    if (user.status === 'fulfilled' && (await isForeign(user.value, options))) return otherUnlessClosed(connection);
    if (first.status === 'rejected') throw first.reason;
    const until = clock.now() + SETTLE_MS;
    for (let found = first.value; ; found = await services(true)) {
      const own = isPublishedHere(connection, options) ? ownResponder(found, options) : undefined;
      if (own) return own;
      const hasProxy = found.some(({ service }) => service === PROXY);
      const isOver = !hasProxy || clock.now() >= until || (await options.isPublishedByOther(options.port));
      if (isOver || connection.isClosed()) return otherUnlessClosed(connection);
      await clock.sleep(POLL_MS, signal);
    }
  };
}

const otherUnlessClosed = (connection: Connection): Responder => ({ who: connection.isClosed() ? 'gone' : 'other' });

/** `localhost` may resolve to `::1`, which belongs to another program if the port is only published on 127.0.0.1. */
const isPublishedHere = ({ remote }: Connection, { bind }: DockerResponderOptions) =>
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

function cachedServices({ services, seen, clock }: DockerResponderOptions) {
  let last = seen && { at: clock.now(), found: Promise.resolve(seen) };
  return (isFresh: boolean) => {
    if (!last || isFresh || clock.now() - last.at > REUSE_MS) {
      last = { at: clock.now(), found: services() };
      // A failed lookup is not reused.
      last.found.catch(() => {
        last = undefined;
      });
    }
    return last.found;
  };
}
