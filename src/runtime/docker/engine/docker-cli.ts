import type { Command, Runner, RunOptions, RunResult } from '../../../io/processes/runner.ts';
import { CliError } from '../../../model/errors.ts';

export interface DockerCliOptions {
  readonly runner: Runner;
  readonly env: RunOptions['env'];
  readonly signal: AbortSignal;
}

/** Defaults come from `dockerCli`, except for the deadline. */
export type DockerRun = Partial<RunOptions> & Pick<RunOptions, 'timeoutMs'>;

/** Docker Desktop's stand-in for docker prints this in a WSL distribution that it is not integrated with. */
const NOT_INTEGRATED = /could not be found in this WSL \d distro/;

/** Runs `docker` and returns the result even if it failed; only throws if docker is not installed. */
export type DockerCli = (args: readonly string[], options: DockerRun) => Promise<RunResult>;

export function docker(...args: readonly string[]): Command {
  return { file: 'docker', args };
}

export function dockerCli({ runner, env, signal }: DockerCliOptions): DockerCli {
  return async (args, options) => {
    const result = await runner.run(docker(...args), { env, signal, ...options });
    if (result.exitCode !== 0 && NOT_INTEGRATED.test(`${result.stdout}\n${result.stderr}`)) {
      throw new CliError('docker_missing', 'docker is not available in this WSL distribution', {
        hint: 'Turn on WSL integration for it in Docker Desktop: Settings, Resources, WSL integration',
      });
    }
    if (result.outcome !== 'not-found') return result;
    throw new CliError('docker_missing', 'docker not found on PATH', {
      hint: 'Install Docker: https://docs.docker.com/get-docker/',
    });
  };
}

const CLEANUP_MS = 2000;

/** Runs `cleanup` when a docker call timed out or was aborted, because what it started may continue without it. */
export async function withCleanup(
  docker: DockerCli,
  cleanup: Command,
  call: () => Promise<RunResult>,
): Promise<RunResult> {
  const { signal } = new AbortController();
  const cleanUp = () => docker(cleanup.args, { signal, timeoutMs: CLEANUP_MS }).catch(() => undefined);
  try {
    const result = await call();
    if (result.outcome === 'timeout') await cleanUp();
    return result;
  } catch (error) {
    await cleanUp();
    throw error;
  }
}
