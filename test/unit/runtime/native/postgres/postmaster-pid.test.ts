import { expect, it } from 'vitest';
import { parsePostmasterPid } from '../../../../../src/runtime/native/postgres/postmaster-pid.ts';

const lines = (status: string) =>
  ['4711', '/data/pgdata', '1767225600', '5433', '/data/sockets', '127.0.0.1', '  5432001         0', status, ''].join(
    '\n',
  );

it.each([
  ['ready   ', true],
  ['starting', false],
  ['stopping', false],
])('reads for the status %j that the server is ready: %s', (status, ready) => {
  expect(parsePostmasterPid(lines(status))).toEqual({ pid: 4711, port: 5433, sockets: '/data/sockets', ready });
});

it('reads a server as not ready before the file has a status', () => {
  expect(parsePostmasterPid(lines('ready').split('\n').slice(0, 7).join('\n'))?.ready).toBe(false);
});

it.each(['', '\n', '4711\n/data/pgdata\n', '4711\n/data/pgdata\n1767225600\n5433\n'])(
  'finds no server in %j',
  (text) => {
    expect(parsePostmasterPid(text)).toBeUndefined();
  },
);
