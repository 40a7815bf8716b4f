import type { Workplace } from '../context/invocation.ts';
import type { PeerCheck } from '../io/network/connection.ts';
import type { ServiceState } from '../model/service.ts';
import type { StackSpec } from '../model/stack-spec.ts';
import { ownPeer } from '../runtime/own-peer.ts';
import type { Runtime } from '../runtime/runtime.ts';

export interface PeerOptions {
  /** The engine on which the stack was created. */
  readonly endpoint?: string | undefined;
  /** The state of its services, if it has just been read. */
  readonly seen?: readonly ServiceState[];
}

/** Makes sure that requests to the stack's address only reach the stack's own gateway. */
export function peerOf(
  { context, settings }: Workplace,
  { kind }: Pick<Runtime, 'kind'>,
  { bind, port }: Pick<StackSpec, 'bind' | 'port'>,
  options: PeerOptions = {},
): PeerCheck {
  return ownPeer({ ...options, kind, project: settings.project, paths: settings.paths, bind, port }, context);
}
