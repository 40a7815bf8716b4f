import { libpqEnvironment, parseDatabaseUrl } from '../../database-url.ts';
import { CliError } from '../../errors.ts';
import type { Clock } from '../../io/clock.ts';
import type { Secret } from '../../secret.ts';
import { byEnvironment, postgresDatabase } from '../postgres-tools.ts';
import type { Database } from '../runtime.ts';
import { docker as command, type DockerCli, type DockerCliOptions, endingLeftBehind } from './docker-cli.ts';
import { lastLine } from './engine-error.ts';

export interface ExternalDatabaseOptions {
  readonly docker: DockerCli;
  readonly env: DockerCliOptions['env'];
  /** The networks of the project that exist: what is reached from there, LiteLLM reaches too. */
  readonly networks: () => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Another text at each call. */
  readonly newId?: () => string;
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
  throw new CliError('service_failed', `the migrations of ${image} cannot be listed: ${lastLine(stderr)}`, {
    hint: 'is it an image of LiteLLM 1.90 or newer? name another: --image',
    details: { image },
  });
}
