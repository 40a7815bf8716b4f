import type { Http } from '../../src/io/network/http.ts';

/**
 * Takes whoever answers for the own stack's proxy, where a test plays that; but what would send a key to it unchecked is a
 * mistake.
 */
export function trustingHttp(http: Http): Http {
  return {
    async send({ peer, ...request }) {
      if (request.headers?.authorization !== undefined && !peer) {
        throw new Error(`a key was sent without a look at who answers: ${request.method} ${request.url}`);
      }
      return http.send(request);
    },
  };
}
