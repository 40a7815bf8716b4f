import { expect, test } from 'vitest';
import {
  createRoleAndDatabase,
  hostBasedAuthentication,
  identMap,
  initdb,
  postgres,
  postgresSingleUser,
} from '../../../../../src/runtime/native/postgres/postgres-argv.ts';

test('initialises a UTF-8 cluster with checksums and scram passwords over TCP', () => {
  expect(initdb('/b', '/d')).toEqual({
    file: '/b/initdb',
    args: [
      ...['-D', '/d', '-U', 'agents_llm_admin', '-E', 'UTF8', '--no-locale', '--data-checksums', '--no-instructions'],
      ...['--auth-local=peer', '--auth-host=scram-sha-256'],
    ],
  });
});

test('sets the password on stdin, before a server runs', () => {
  expect(postgresSingleUser('/b', '/d')).toEqual({
    file: '/b/postgres',
    args: ['--single', '-j', '-D', '/d', 'postgres'],
  });
  expect(createRoleAndDatabase('pass')).toBe(
    "CREATE ROLE litellm LOGIN PASSWORD 'pass';\n\nCREATE DATABASE litellm OWNER litellm;\n\n",
  );
});

test('listens on loopback only, and keeps the durability of PostgreSQL', () => {
  const { file, args } = postgres('/b', '/d', { port: 5433, sockets: '/s' });
  expect(file).toBe('/b/postgres');
  expect(args.slice(0, 2)).toEqual(['-D', '/d']);
  const settings = args.flatMap((arg, i) => (args[i - 1] === '-c' ? [arg] : []));
  expect(settings).toEqual([
    'listen_addresses=127.0.0.1',
    'port=5433',
    'unix_socket_directories=/s',
    'log_line_prefix=%m [%p] ',
    'log_timezone=UTC',
    'timezone=UTC',
    'logging_collector=off',
  ]);
});

test('requires a password from all but the owner of the data on the socket', () => {
  const rules = hostBasedAuthentication.split('\n').filter((line) => line && !line.startsWith('#'));
  expect(rules).toEqual(['local all all peer map=owner', 'host all all 127.0.0.1/32 scram-sha-256']);
  expect(identMap('postgres')).toContain('owner postgres litellm\nowner postgres agents_llm_admin\n');
});
