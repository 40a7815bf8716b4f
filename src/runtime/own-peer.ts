import type { PeerCheck } from '../io/network/connection.ts';
import { pausedError } from './paused-service.ts';
import type { FindResponder, Machine, OwnStack, Responder } from './responder.ts';

/**
 * Ensures that only the stack's own gateway receives what is sent to its address. Each connection is checked before its first
 * use, so that a program that takes the port later receives no secret either.
 */
export function ownPeer(stack: OwnStack, machine: Machine): PeerCheck {
  let finding: Promise<FindResponder> | undefined;
  return {
    async check(connection, signal) {
      finding ??= loadResponder(stack, machine);
      const responder = await finding.then((find) => find(connection, signal));
      if (responder.who !== 'proxy') throw await refusal(responder, stack, machine);
    },
  };
}

/** Each is loaded only when it is needed, because completion has no time for the other. */
async function loadResponder(stack: OwnStack, machine: Machine): Promise<FindResponder> {
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
