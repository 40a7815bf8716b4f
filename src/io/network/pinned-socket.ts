import { isIPv4 } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';

/** Connects to a server only if it has the pinned certificate. */
export function pinnedSocket(url: string, pin: TlsPin, signal: AbortSignal): Promise<TLSSocket> {
  const { hostname, port } = new URL(url);
  // SNI only takes names, not addresses.
  const servername = isIPv4(pin.serverName) ? {} : { servername: pin.serverName };
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({
      host: hostname,
      port: Number(port || 443),
      rejectUnauthorized: false,
      ...servername,
    });
    const abort = () => socket.destroy(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', reject);
    socket.once('close', () => {
      signal.removeEventListener('abort', abort);
      reject(Object.assign(new Error('The connection was closed'), { code: 'ECONNRESET' }));
    });
    socket.once('secureConnect', () => {
      if (socket.getPeerCertificate().fingerprint256 === pin.fingerprint) return resolve(socket);
      return socket.destroy(Object.assign(new Error('The server has another certificate'), { code: 'ECERT' }));
    });
  });
}

export interface TlsPin {
  readonly serverName: string;
  /** SHA-256, as `X509Certificate.fingerprint256` gives it. */
  readonly fingerprint: string;
}
