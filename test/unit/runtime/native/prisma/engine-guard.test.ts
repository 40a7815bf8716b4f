import { describe, expect, it } from 'vitest';
import { engineGuard, type RequestHead } from '../../../../../src/runtime/native/prisma/engine-guard.ts';

const guard = engineGuard('the-secret');
const ask = (headers: RequestHead['headers'] = {}, method = 'POST') =>
  guard({
    method,
    headers: {
      host: 'localhost:40123',
      authorization: 'Bearer the-secret',
      'content-type': 'application/json',
      ...headers,
    },
  });

describe('engineGuard', () => {
  it.each(['localhost', 'localhost:40123', 'LOCALHOST:1', '127.0.0.1:40123', '[::1]:40123'])(
    'accepts its own client, which calls it %s',
    (host) => {
      expect(ask({ host })).toBeUndefined();
    },
  );

  it.each([
    undefined,
    '',
    'evil.example',
    'evil.example:40123',
    'localhost.evil.example:40123',
    'evil.example@localhost',
    'localhost:40123.evil.example',
    '127.0.0.1.nip.io:40123',
    '0.0.0.0:40123',
    '[::]:40123',
  ])('refuses the host %s, even with the secret', (host) => {
    expect(ask({ host })).toEqual({ status: 403, error: 'Host not allowed' });
  });

  it.each(['http://localhost:40123', 'https://evil.example', 'null', ''])('refuses the origin "%s"', (origin) => {
    expect(ask({ origin })).toEqual({ status: 403, error: 'Origin not allowed' });
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer the-secre',
    'Bearer the-secret2',
    'Bearer THE-SECRET',
    'bearer the-secret',
    'Basic the-secret',
    'the-secret',
    `Bearer the-secret${' '.repeat(100_000)}`,
  ])('refuses the authorization %j', (authorization) => {
    expect(ask({ authorization })).toEqual({ status: 401, error: 'Not authorized' });
    expect(ask({ authorization }, 'GET')).toEqual({ status: 401, error: 'Not authorized' });
  });

  it.each([undefined, '', 'text/plain', 'text/plain; application/json', 'application/jsonp', 'multipart/form-data'])(
    'refuses a body of the type %j',
    (type) => {
      const refusal = { status: 415, error: 'Only application/json is accepted' };
      expect(ask({ 'content-type': type })).toEqual(refusal);
      expect(ask({ 'content-type': type }, 'PUT')).toEqual(refusal);
      expect(ask({ 'content-type': type }, 'GET')).toBeUndefined();
    },
  );

  it('accepts JSON with a charset', () => {
    expect(ask({ 'content-type': 'application/json; charset=utf-8' })).toBeUndefined();
  });

  it('throws without a secret', () => {
    expect(() => engineGuard('')).toThrow('The query engine needs a secret');
  });
});
