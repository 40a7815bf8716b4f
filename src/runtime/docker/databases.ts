import type { Clock } from '../../io/clock.ts';
import { libpqEnvironment, parseDatabaseUrl } from '../../model/database-url.ts';
import { CliError } from '../../model/errors.ts';
import type { Secret } from '../../model/secret.ts';
import { DATABASE, type ServiceState } from '../../model/service.ts';
import { byEnvironment, CONNECT_TIMEOUT, databaseNotRunning, postgresDatabase } from '../postgres-tools.ts';
import type { Database } from '../runtime.ts';
import { docker as command, type DockerCli, type DockerCliOptions, withCleanup } from './engine/docker-cli.ts';
import { lastLine } from './engine/engine-error.ts';

interface DatabaseOptions {
  readonly docker: DockerCli;
  readonly env: DockerCliOptions['env'];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Returns a new id at each call. */
  readonly newId?: () => string;
}

export interface ExternalDatabaseOptions extends DatabaseOptions {
  /** The existing networks of the project: what can be reached from there, LiteLLM can reach too. */
  readonly networks: () => Promise<readonly string[]>;
}

/**
 * Runs the client programs of an image, each call in a new container. It gets the URL through its environment, and the engine
 * does not log what is read from the database.
 */
export function externalDatabase(url: Secret, image: string, options: ExternalDatabaseOptions): Database {
  const address = parseDatabaseUrl(url.reveal());
  const variables = address ? libpqEnvironment(address) : {};
  const { newId = () => crypto.randomUUID() } = options;
  return postgresDatabase({ ...options, connect: byEnvironment }, async (tool, rest) => {
    const name = `agents-llm-sql-${newId()}`;
    const [network] = await options.networks();
    const { args } = command(
      ...['run', '--rm', '-i', '--name', name, '--pull', 'never', '--log-driver', 'none'],
      ...['--add-host', 'host.docker.internal:host-gateway'],
      ...(network === undefined ? [] : ['--network', network]),
      ...Object.keys(variables).flatMap((variable) => ['-e', variable]),
      ...['--entrypoint', tool[0], image, ...tool.slice(1)],
    );
    return withCleanup(options.docker, command('rm', '-f', name), () =>
      options.docker(args, { ...rest, env: { ...options.env, ...variables } }),
    );
  });
}

const LISTING = `import importlib.util, os
spec = importlib.util.find_spec("litellm_proxy_extras")
print("\\n".join(sorted(os.listdir(os.path.join(os.path.dirname(spec.origin), "migrations")))))`;

/** The names of the migrations in an image; LiteLLM is not started. */
export async function migrationsOf(image: string, docker: DockerCli): Promise<readonly string[]> {
  const run = ['run', '--rm', '--pull', 'never', '--network', 'none', '--entrypoint', 'python3', image, '-c', LISTING];
  const { exitCode, stdout, stderr } = await docker(run, { timeoutMs: 60_000 });
  if (exitCode === 0) return stdout.split('\n').filter((name) => /^\d{14}_/.test(name));
  throw new CliError('service_failed', `Cannot list the migrations in ${image}: ${lastLine(stderr)}`, {
    hint: 'Name an image of LiteLLM 1.90 or later: --image IMAGE',
    details: { image },
  });
}

export interface StackDatabaseOptions extends DatabaseOptions {
  readonly services: () => Promise<readonly ServiceState[]>;
}

/** Kills the processes with this mark in their environment. The images have a shell and /proc, but no pkill. */
const KILL_MARKED = `for file in /proc/[0-9]*/environ; do
  grep -q "AGENTS_LLM_CALL=$1" "$file" 2>/dev/null && pid=\${file%/environ} && kill -9 "\${pid#/proc/}"
done`;

/** The database of a stack, through `docker exec`, because the image needs no password inside the container. */
export function stackDatabase(options: StackDatabaseOptions): Database {
  const { docker, env, services, newId = () => crypto.randomUUID() } = options;
  return postgresDatabase(options, async (tool, given) => {
    const container = (await services()).find(({ service }) => service === DATABASE);
    if (container?.status !== 'running') throw databaseNotRunning();
    const id = newId();
    const variables = { ...CONNECT_TIMEOUT, AGENTS_LLM_CALL: id };
    const marks = Object.keys(variables).flatMap((name) => ['-e', name]);
    // Killing `docker exec` leaves its program running in the container.
    return withCleanup(docker, command('exec', container.id, 'sh', '-c', KILL_MARKED, 'sh', id), () =>
      docker(command('exec', '-i', ...marks, container.id, ...tool).args, { ...given, env: { ...env, ...variables } }),
    );
  });
}
