import { connect, createServer } from 'node:net';
import { systemCode } from '../../model/errors.ts';

/** `not-local`: the address does not belong to this machine. */
export type PortState = 'free' | 'taken' | 'not-local';

export interface Ports {
  probe(bind: string, port: number): Promise<PortState>;
  /** A port of 127.0.0.1 that is free at this moment. */
  findFree(): Promise<number>;
}

const CONNECT_MS = 500;

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

function tryToListen(host: string, port: number): Promise<PortState> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => {
      const code = systemCode(error);
      // EACCES means a port below 1024, which the engine can use because it runs as root.
      resolve(code === 'EADDRINUSE' ? 'taken' : code === 'EADDRNOTAVAIL' ? 'not-local' : 'free');
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve('free')));
  });
}

export const systemPorts: Ports = {
  async probe(bind, port) {
    // On macOS listening on 127.0.0.1 succeeds although another program listens on 0.0.0.0, so try to connect first.
    if (await answers(bind === '0.0.0.0' ? '127.0.0.1' : bind, port)) return 'taken';
    return tryToListen(bind, port);
  },
  findFree: () =>
    new Promise((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port: 0 }, () => {
        const address = server.address();
        server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
      });
    }),
};
