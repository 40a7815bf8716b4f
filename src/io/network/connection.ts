/** One end of a TCP connection. IPv6 addresses that only wrap an IPv4 one are written as that one. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** A connection that is open, and over which nothing has been sent yet. */
export interface Connection {
  /** Our own end. */
  readonly local: Endpoint;
  /** The end that took it. */
  readonly remote: Endpoint;
  /** Whether the other end has given it up meanwhile. */
  readonly isClosed: () => boolean;
}

/** Decides whether who took a connection is who is meant: nothing is sent to anyone else. */
export interface PeerCheck {
  /** Throws when it is not. */
  check(connection: Connection, signal: AbortSignal): Promise<void>;
}

/** `ours`, `other`; `gone` when the connection is no more; `unseen` where the system does not tell. */
export type Served = 'ours' | 'other' | 'gone' | 'unseen';
