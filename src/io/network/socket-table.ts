import type { Connection, Endpoint } from './connection.ts';

/** One row of `/proc/net/tcp` or `tcp6`. */
export interface SocketRow {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly listens: boolean;
  readonly uid: number;
  /** `0` if no process owns it: it is waiting to be accepted, or its process has ended. */
  readonly inode: string;
}

export type Socket = Pick<SocketRow, 'uid' | 'inode'>;

const LISTENS = '0A';

/** The rows with this local port. Other rows, which can be thousands, are not parsed. */
export function parseSockets(table: string, port: number): SocketRow[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  return table
    .split('\n')
    .filter((line) => line.startsWith(wanted, line.indexOf(' ', line.indexOf(': ') + 2) - 5))
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, local, remote, state, , , , uid, , inode]) =>
      local && remote && inode
        ? [
            {
              local: endpointOf(local),
              remote: endpointOf(remote),
              listens: state === LISTENS,
              uid: Number(uid),
              inode,
            },
          ]
        : [],
    );
}

/**
 * The socket at the other end of a local connection. One that has not been accepted yet belongs to the current listener:
 * it would have been reset if the listener had changed.
 */
export function otherEnd(rows: readonly SocketRow[], connection: Connection): Socket | undefined {
  return acceptedEnd(rows, connection) ?? listenerAt(rows, connection.remote);
}

/** Undefined until a process has accepted it. */
export function acceptedEnd(rows: readonly SocketRow[], { local, remote }: Connection): Socket | undefined {
  const isSame = (one: Endpoint, other: Endpoint) => one.port === other.port && one.address === other.address;
  const found = rows.find((row) => !row.listens && isSame(row.local, remote) && isSame(row.remote, local));
  return found?.inode === '0' ? undefined : found;
}

/** Who would accept a connection to that address: a listener on the address itself before one on all addresses. */
function listenerAt(rows: readonly SocketRow[], { address, port }: Endpoint): Socket | undefined {
  const listeners = rows.filter((row) => row.listens && row.local.port === port);
  const at = (wanted: string) => listeners.find((row) => row.local.address === wanted);
  return at(address) ?? (address.includes(':') ? undefined : at('0.0.0.0')) ?? at('::');
}

/** The kernel writes each 32 bits of an address as a number in host byte order, which is little-endian on all supported machines. */
function endpointOf(text: string): Endpoint {
  const [address = '', port = ''] = text.split(':');
  const words = address.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)));
  return { address: bytes.length === 4 ? bytes.join('.') : plainAddress(bytes), port: Number.parseInt(port, 16) };
}

function plainAddress(bytes: readonly number[]): string {
  const wrapsIpv4 = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (wrapsIpv4) return bytes.slice(12).join('.');
  const words = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0)).toString(16));
  // URL shortens it to the form that Node uses.
  return new URL(`http://[${words.join(':')}]`).hostname.slice(1, -1);
}
