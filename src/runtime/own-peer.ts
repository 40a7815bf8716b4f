import type { Clock } from '../io/clock.ts';
import type { PeerCheck } from '../io/connection.ts';
import type { Files } from '../io/files.ts';
import type { Http } from '../io/http.ts';
import type { Ports } from '../io/ports.ts';
import type { Processes } from '../io/processes.ts';
import type { Runner } from '../io/runner.ts';
import type { ProjectPaths } from '../paths.ts';
import type { RuntimeKind, ServiceState } from '../service.ts';
import { pausedError } from './paused.ts';
import type { FindResponder, Responder } from './responder.ts';

/** A stack whose proxy is to be told from whatever else may answer at its address. */
export interface OwnStack {
  readonly kind: RuntimeKind;
  readonly project: string;
  readonly paths: ProjectPaths;
  readonly bind: string;
  readonly port: number;
  /** The engine that it was made on, where that may be another than the one that the environment means. */
  readonly endpoint?: string | undefined;
  /** What has just been seen of its services. */
  readonly seen?: readonly ServiceState[] | undefined;
}

/** The machine on which that is found out. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  readonly uid: number | undefined;
  readonly clock: Clock;
  readonly files: Files;
  readonly http: Http;
  readonly runner: Runner;
  readonly ports: Ports;
  readonly processes: Processes;
}

/**
 * Lets nobody but a stack's own proxy have what is sent to its address. Each connection is checked when it is made and before
 * it is used, so that a program which takes the port later gets no secret either.
 */
export function ownPeer(stack: OwnStack, machine: Machine): PeerCheck {
  let finding: Promise<FindResponder> | undefined;
  return {
    async check(connection, signal) {
      finding ??= findResponderOf(stack, machine);
      const found = await finding.then((find) => find(connection, signal));
      if (found.who !== 'proxy') throw await refusal(found, stack, machine);
    },
  };
}

/** Each loads what it needs alone: Tab has no time for more. */
async function findResponderOf(stack: OwnStack, machine: Machine): Promise<FindResponder> {
  if (stack.kind === 'native') {
    return (await import('./native/native-responder.ts')).nativeResponder(stack.paths, machine);
  }
  return (await import('./docker/container-responder.ts')).containerResponder(stack, machine);
}

async function refusal(
  found: Exclude<Responder, { who: 'proxy' }>,
  { project, bind, port }: OwnStack,
  machine: Machine,
): Promise<Error> {
  if (found.who === 'gone') return Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });
  if (found.who === 'paused') return pausedError(found.service);
  const [{ portTaken }, { holderOnMachine }] = await Promise.all([
    import('./port-taken.ts'),
    import('./docker/holder-on-machine.ts'),
  ]);
  const holder = await holderOnMachine(port, machine);
  const taken = { project, bind, port, flag: '--port', holder } as const;
  return portTaken(taken, machine.ports, ', which is not the gateway of this stack; nothing was sent to it');
}
