import type { PeerCheck } from '../io/network/connection.ts';
import { pausedError } from './paused.ts';
import type { FindResponder, Machine, OwnStack, Responder } from './responder.ts';

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
  { bind, port }: OwnStack,
  machine: Machine,
): Promise<Error> {
  if (found.who === 'gone') return Object.assign(new Error('The connection was closed'), { code: 'ECONNRESET' });
  if (found.who === 'paused') return pausedError(found.service);
  const [{ portTaken }, { holderOnMachine }] = await Promise.all([
    import('./port-taken.ts'),
    import('./docker/holder-on-machine.ts'),
  ]);
  const holder = await holderOnMachine(port, machine);
  const taken = { bind, port, flag: '--port', holder } as const;
  return portTaken(taken, machine.ports, ', which is not the gateway of this stack, so no key was sent to it');
}
