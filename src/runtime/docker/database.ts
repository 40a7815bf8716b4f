import { DATABASE, type ServiceState } from '../../service.ts';
import { databaseNotRunning, postgresDatabase } from '../postgres-tools.ts';
import type { Database } from '../runtime.ts';
import { docker as command, type DockerCli } from './docker-cli.ts';

/** The database of a stack, by `docker exec`: inside the container the image asks for no password. */
export function databaseOf(docker: DockerCli, services: () => Promise<readonly ServiceState[]>): Database {
  return postgresDatabase(async (tool, options) => {
    const found = (await services()).find(({ service }) => service === DATABASE);
    if (found?.status !== 'running') throw databaseNotRunning();
    return docker(command('exec', '-i', found.id, ...tool).args, options);
  });
}
