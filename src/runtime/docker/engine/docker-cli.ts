import type { Command, Runner, RunOptions, RunResult } from '../../../io/processes/runner.ts';
import { CliError } from '../../../model/errors.ts';

export interface DockerCliOptions {
  readonly runner: Runner;
  readonly env: RunOptions['env'];
  readonly signal: AbortSignal;
}

/** What is not given is the command's own; a deadline it has none of. */
export type DockerRun = Partial<RunOptions> & Pick<RunOptions, 'timeoutMs'>;

/** Runs `docker` to its end, whatever that is; only that there is none is an error. */
export type DockerCli = (args: readonly string[], options: DockerRun) => Promise<RunResult>;

export function docker(...args: readonly string[]): Command {
  return { file: 'docker', args };
}

export function dockerCli({ runner, env, signal }: DockerCliOptions): DockerCli {
  return async (args, options) => {
    const result = await runner.run(docker(...args), { env, signal, ...options });
    if (result.outcome !== 'not-found') return result;
    throw new CliError('docker_missing', 'docker not found on PATH', {
      hint: 'Install Docker: https://docs.docker.com/get-docker/',
    });
  };
}

const LEFT_BEHIND_MS = 2000;

/** Runs `end` when a docker call was killed, because time was up or by a signal: what it has begun may go on without it. */
export async function endingLeftBehind(
  docker: DockerCli,
  end: Command,
  call: () => Promise<RunResult>,
): Promise<RunResult> {
  const { signal } = new AbortController();
  const clean = () => docker(end.args, { signal, timeoutMs: LEFT_BEHIND_MS }).catch(() => undefined);
  try {
    const result = await call();
    if (result.outcome === 'timeout') await clean();
    return result;
  } catch (error) {
    await clean();
    throw error;
  }
}
