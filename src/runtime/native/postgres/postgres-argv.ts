import { join } from 'node:path';
import type { Command } from '../../../io/processes/runner.ts';
import { ADMIN, DATABASE_NAME, OWNER } from '../../postgres-tools.ts';

export const initdb = (bin: string, data: string): Command => ({
  file: join(bin, 'initdb'),
  args: [
    ...['-D', data, '-U', ADMIN, '-E', 'UTF8', '--no-locale', '--data-checksums', '--no-instructions'],
    ...['--auth-local=peer', '--auth-host=scram-sha-256'],
  ],
});

/** Runs SQL from stdin before any server is started, so that the password is in no argument. */
export const postgresSingleUser = (bin: string, data: string): Command => ({
  file: join(bin, 'postgres'),
  args: ['--single', '-j', '-D', data, 'postgres'],
});

/** The password cannot end the literal, because it consists of `isSafeValue` characters. */
export const createRoleAndDatabase = (password: string): string =>
  `CREATE ROLE ${OWNER} LOGIN PASSWORD '${password}';\n\nCREATE DATABASE ${DATABASE_NAME} OWNER ${OWNER};\n\n`;

export interface ServerAddress {
  readonly port: number;
  readonly sockets: string;
}

/** Keeps PostgreSQL's durability: fsync and synchronous_commit stay on. */
export const postgres = (bin: string, data: string, { port, sockets }: ServerAddress): Command => ({
  file: join(bin, 'postgres'),
  args: [
    ...['-D', data, '-c', 'listen_addresses=127.0.0.1', '-c', `port=${port}`],
    ...['-c', `unix_socket_directories=${sockets}`, '-c', 'log_line_prefix=%m [%p] ', '-c', 'log_timezone=UTC'],
    ...['-c', 'timezone=UTC', '-c', 'logging_collector=off'],
  ],
});

/**
 * The owner of the data may connect through the socket, without a password and as either role. All others need a password, which
 * the administrator's role does not have.
 */
export const hostBasedAuthentication = `# Made by agents-llm.
local all all peer map=owner
host all all 127.0.0.1/32 scram-sha-256
`;

export const identMap = (user: string): string =>
  `# Made by agents-llm.\nowner ${user} ${OWNER}\nowner ${user} ${ADMIN}\n`;
