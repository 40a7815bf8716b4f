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
])('a server that says %j is ready: %s', (status, ready) => {
  expect(parsePostmasterPid(lines(status))).toEqual({ pid: 4711, port: 5433, sockets: '/data/sockets', ready });
});

it('is not ready before it says so', () => {
  expect(parsePostmasterPid(lines('ready').split('\n').slice(0, 7).join('\n'))?.ready).toBe(false);
});

it.each(['', '\n', '4711\n/data/pgdata\n', '4711\n/data/pgdata\n1767225600\n5433\n'])('is none in %j', (text) => {
  expect(parsePostmasterPid(text)).toBeUndefined();
});
