/** One end of a TCP connection. IPv4-mapped IPv6 addresses are written as IPv4. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** An open connection over which nothing has been sent yet. */
export interface Connection {
  /** Our own end. */
  readonly local: Endpoint;
  /** The end that accepted it. */
  readonly remote: Endpoint;
  /** Whether the connection has been closed since. */
  readonly isClosed: () => boolean;
}

/** Decides whether a connection was accepted by the intended program. Nothing is sent to any other. */
export interface PeerCheck {
  /** Throws if it was not. */
  check(connection: Connection, signal: AbortSignal): Promise<void>;
}

/** `gone`: the connection no longer exists. `unseen`: the system does not tell. */
export type Served = 'ours' | 'other' | 'gone' | 'unseen';
