import { CliError } from '../../errors.ts';
import type { Command, Runner, RunOptions, RunResult } from '../../io/runner.ts';

export interface DockerCliOptions {
  readonly runner: Runner;
  readonly env: RunOptions['env'];
  readonly signal: AbortSignal;
}

/** Runs `docker` to its end, whatever that is; only that there is none is an error. */
export type DockerCli = (args: readonly string[], options?: Partial<RunOptions>) => Promise<RunResult>;

export function docker(...args: readonly string[]): Command {
  return { file: 'docker', args };
}

export function dockerCli({ runner, env, signal }: DockerCliOptions): DockerCli {
  return async (args, options) => {
    const result = await runner.run(docker(...args), { env, signal, ...options });
    if (result.outcome !== 'not-found') return result;
    throw new CliError('docker_missing', 'there is no program "docker" in PATH', {
      hint: 'install Docker: https://docs.docker.com/get-docker/',
    });
  };
}
