import type { Clock } from '../../io/clock.ts';
import { DATABASE, type ServiceState } from '../../service.ts';
import { CONNECT_TIMEOUT, databaseNotRunning, postgresDatabase } from '../postgres-tools.ts';
import type { Database } from '../runtime.ts';
import { docker as command, type DockerCli, type DockerCliOptions, endingLeftBehind } from './docker-cli.ts';

export interface StackDatabaseOptions {
  readonly docker: DockerCli;
  readonly env: DockerCliOptions['env'];
  readonly services: () => Promise<readonly ServiceState[]>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Another text at each call. */
  readonly newId?: () => string;
}

/** Ends what has this mark in its environment. The images have a shell and /proc, but no pkill. */
const END_MARKED = `for file in /proc/[0-9]*/environ; do
  grep -q "AGENTS_LLM_CALL=$1" "$file" 2>/dev/null && pid=\${file%/environ} && kill -9 "\${pid#/proc/}"
done`;

/** The database of a stack, by `docker exec`: inside the container the image asks for no password. */
export function databaseOf(options: StackDatabaseOptions): Database {
  const { docker, env, services, newId = () => crypto.randomUUID() } = options;
  return postgresDatabase(options, async (tool, given) => {
    const found = (await services()).find(({ service }) => service === DATABASE);
    if (found?.status !== 'running') throw databaseNotRunning();
    const id = newId();
    const variables = { ...CONNECT_TIMEOUT, AGENTS_LLM_CALL: id };
    const marks = Object.keys(variables).flatMap((name) => ['-e', name]);
    // A `docker exec` that is killed leaves its program running in the container.
    return endingLeftBehind(docker, command('exec', found.id, 'sh', '-c', END_MARKED, 'sh', id), () =>
      docker(command('exec', '-i', ...marks, found.id, ...tool).args, { ...given, env: { ...env, ...variables } }),
    );
  });
}
