import type { Clock } from '../../io/clock.ts';
import { libpqEnvironment, parseDatabaseUrl } from '../../model/database-url.ts';
import { CliError } from '../../model/errors.ts';
import type { Secret } from '../../model/secret.ts';
import { DATABASE, type ServiceState } from '../../model/service.ts';
import { byEnvironment, CONNECT_TIMEOUT, databaseNotRunning, postgresDatabase } from '../postgres-tools.ts';
import type { Database } from '../runtime.ts';
import { docker as command, type DockerCli, type DockerCliOptions, endingLeftBehind } from './engine/docker-cli.ts';
import { lastLine } from './engine/engine-error.ts';

interface DatabaseOptions {
  readonly docker: DockerCli;
  readonly env: DockerCliOptions['env'];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Another text at each call. */
  readonly newId?: () => string;
}

export interface ExternalDatabaseOptions extends DatabaseOptions {
  /** The networks of the project that exist: what is reached from there, LiteLLM reaches too. */
  readonly networks: () => Promise<readonly string[]>;
}

/**
 * A container of its own for each call, with the client programs of an image. The address goes by its environment, and what
 * is read from the database into no log of the engine.
 */
export function externalDatabase(url: Secret, image: string, options: ExternalDatabaseOptions): Database {
  const address = parseDatabaseUrl(url.reveal());
  const variables = address ? libpqEnvironment(address) : {};
  const { newId = () => crypto.randomUUID() } = options;
  return postgresDatabase({ ...options, connect: byEnvironment }, async (tool, rest) => {
    const name = `agents-llm-sql-${newId()}`;
    const [network] = await options.networks();
    const { args } = command(
      ...[
        'run',
        '--rm',
        '-i',
        '--name',
        name,
        '--pull',
        'never',
        '--log-driver',
        'none',
        '--add-host',
        'host.docker.internal:host-gateway',
      ],
      ...(network === undefined ? [] : ['--network', network]),
      ...Object.keys(variables).flatMap((variable) => ['-e', variable]),
      ...['--entrypoint', tool[0], image, ...tool.slice(1)],
    );
    return endingLeftBehind(options.docker, command('rm', '-f', name), () =>
      options.docker(args, { ...rest, env: { ...options.env, ...variables } }),
    );
  });
}

const LIST = `import importlib.util, os
spec = importlib.util.find_spec("litellm_proxy_extras")
print("\\n".join(sorted(os.listdir(os.path.join(os.path.dirname(spec.origin), "migrations")))))`;

/** Without running LiteLLM. */
export async function migrationsOf(image: string, docker: DockerCli): Promise<readonly string[]> {
  const run = ['run', '--rm', '--pull', 'never', '--network', 'none', '--entrypoint', 'python3', image, '-c', LIST];
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
