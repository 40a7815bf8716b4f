import type { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { expect } from 'vitest';
import type { TokenStream } from './token-stream.ts';

export interface TlsClient {
  ask(path: string, options?: RequestOptions, body?: string): Promise<IncomingMessage>;
  /** The SHA-256 fingerprint of the certificate that is served. */
  served(): Promise<string>;
}

interface TlsServer {
  readonly host: string;
  readonly port: string;
  readonly certificate: () => string;
}

/** As a client on another machine does it: by the name, and trusting the certificate alone. */
export function tlsClient({ host, port, certificate }: TlsServer): TlsClient {
  const connection = () => ({ host: '127.0.0.1', port, servername: host, ca: certificate(), agent: false });
  return {
    ask: (path, options = {}, body = undefined) =>
      new Promise((resolve, reject) => {
        const headers = { host: `${host}:${port}`, ...options.headers };
        const call = request({ ...connection(), path, ...options, headers }, resolve);
        call.on('error', reject);
        call.end(body);
      }),
    served: () =>
      new Promise((resolve, reject) => {
        const call = request(connection());
        call.on('socket', (socket) =>
          socket.on('secureConnect', () => {
            resolve(((socket as TLSSocket).getPeerX509Certificate() as X509Certificate).fingerprint256);
            call.destroy();
          }),
        );
        call.on('error', reject);
      }),
  };
}

/** What asks the alias `gpt-5` for a stream. */
export function streamedChat(key: string) {
  const messages = [{ role: 'user', content: 'ping' }];
  return {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-5', stream: true, messages }),
  };
}

/** The first token must be there while the provider still holds back the last. */
export async function expectTokensAsTheyCome(answer: AsyncIterable<Uint8Array>, stream: TokenStream): Promise<void> {
  const decoder = new TextDecoder();
  let seen = '';
  for await (const chunk of answer) {
    seen += decoder.decode(chunk, { stream: true });
    if (!seen.includes('first') || stream.sentAll()) continue;
    expect(seen).not.toContain('last');
    stream.goOn();
  }
  expect(stream.sentAll()).toBe(true);
  expect(seen).toMatch(/first[\s\S]*last[\s\S]*\[DONE\]/);
}
