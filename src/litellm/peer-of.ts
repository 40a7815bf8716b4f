import type { Workplace } from '../context/invocation.ts';
import type { PeerCheck } from '../io/network/connection.ts';
import type { ServiceState } from '../model/service.ts';
import type { StackSpec } from '../model/stack-spec.ts';
import { ownPeer } from '../runtime/own-peer.ts';
import type { Runtime } from '../runtime/runtime.ts';

export interface PeerOptions {
  /** The engine that the stack was made on. */
  readonly endpoint?: string | undefined;
  /** What has just been seen of its services. */
  readonly seen?: readonly ServiceState[];
}

/** Lets nobody but the proxy of this invocation's own stack have what is sent to its address. */
export function peerOf(
  { context, settings }: Workplace,
  { kind }: Pick<Runtime, 'kind'>,
  { bind, port }: Pick<StackSpec, 'bind' | 'port'>,
  options: PeerOptions = {},
): PeerCheck {
  return ownPeer({ ...options, kind, project: settings.project, paths: settings.paths, bind, port }, context);
}
