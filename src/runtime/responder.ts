import type { Connection } from '../io/connection.ts';
import type { ServiceState } from '../service.ts';

/** Who has taken a connection to the address of a stack's proxy. */
export type Responder =
  | { readonly who: 'proxy' }
  /** The proxy is there, and this service of the stack is paused, so that no answer would come. */
  | { readonly who: 'paused'; readonly service: ServiceState }
  /** The connection is no more. */
  | { readonly who: 'gone' }
  | { readonly who: 'other' };

export type FindResponder = (connection: Connection, signal: AbortSignal) => Promise<Responder>;
