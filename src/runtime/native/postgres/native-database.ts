import { join } from 'node:path';
import type { Clock } from '../../../io/clock.ts';
import type { Files } from '../../../io/files/files.ts';
import type { Runner } from '../../../io/processes/runner.ts';
import { DATABASE, type ServiceState } from '../../../model/service.ts';
import { CONNECT_TIMEOUT, databaseNotRunning, type RunPostgresTool } from '../../postgres-tools.ts';
import type { Environment } from '../install/install-steps.ts';
import { otherUser } from './database-user.ts';
import { parsePostmasterPid } from './postmaster-pid.ts';

export interface NativeDatabaseOptions {
  readonly files: Pick<Files, 'read' | 'owner' | 'requireOwnFolder'>;
  readonly runner: Runner;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly data: string;
  readonly uid: number | undefined;
  readonly services: () => Promise<readonly ServiceState[]>;
  readonly environment: () => Promise<Environment>;
}

/** Runs PostgreSQL's own tools through the socket, where the server recognises the owner by the system's user, without a password. */
export function nativePostgresTools(options: NativeDatabaseOptions): RunPostgresTool {
  const { files, runner, data, uid, services, environment } = options;
  return async ([name, ...args], given) => {
    const database = (await services()).find(({ service }) => service === DATABASE);
    const server = parsePostmasterPid((await files.read(join(data, 'postmaster.pid'))) ?? '');
    if (database?.status !== 'running' || !server) throw databaseNotRunning();
    const { postgresBin } = await environment();
    const runAs = await otherUser(options, uid);
    // Another user who owns that folder could answer instead of the database and read all that is sent to it.
    await files.requireOwnFolder(server.sockets, runAs?.uid);
    return runner.run(
      { file: join(postgresBin, name), args },
      {
        ...given,
        env: {
          PATH: '/usr/bin:/bin',
          LC_ALL: 'C.UTF-8',
          PGHOST: server.sockets,
          PGPORT: String(server.port),
          ...CONNECT_TIMEOUT,
        },
        cwd: '/',
        ...(runAs && { user: runAs }),
      },
    );
  };
}
