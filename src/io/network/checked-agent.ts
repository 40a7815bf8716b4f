import { Agent, type ClientRequestArgs } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Connection, PeerCheck } from './connection.ts';

type Done = (error: Error | null, socket: Duplex) => void;

/** Carries its own signal, because Node removes the signal of a request before it asks for a connection. */
type CheckedArgs = ClientRequestArgs & { readonly aborted?: AbortSignal };

/** An agent that checks the other end of each connection before the first byte is sent. */
export class CheckedAgent extends Agent {
  readonly #peer: PeerCheck;

  constructor(peer: PeerCheck) {
    super({ keepAlive: true });
    this.#peer = peer;
  }

  override createConnection({ host, port, aborted }: CheckedArgs, done?: Done): null {
    const socket = connect({ host: host ?? 'localhost', port: Number(port) });
    const over = new AbortController();
    const finish = (error: Error | null) => {
      if (over.signal.aborted) return;
      over.abort(error ?? undefined);
      aborted?.removeEventListener('abort', abort);
      socket.off('error', finish).off('close', lose);
      if (error) socket.once('error', () => undefined).destroy();
      done?.(error, socket);
    };
    const abort = () => finish(aborted?.reason);
    // Node would wait forever for an answer on a socket that is already closed.
    const lose = () => finish(Object.assign(new Error('The connection was closed'), { code: 'ECONNRESET' }));
    aborted?.addEventListener('abort', abort, { once: true });
    socket.once('error', finish).once('close', lose);
    socket.once('connect', () => {
      this.#peer.check(connectionOf(socket), over.signal).then(() => finish(null), finish);
    });
    return null;
  }
}

function connectionOf(socket: Socket): Connection {
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
  const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/, '');
  return {
    local: { address: plain(localAddress), port: localPort },
    remote: { address: plain(remoteAddress), port: remotePort },
    isClosed: () => socket.destroyed,
  };
}
