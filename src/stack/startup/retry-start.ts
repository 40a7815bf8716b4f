import { CliError } from '../../model/errors.ts';

const ATTEMPTS = 3;

/**
 * Starts again if something else ended a service: an engine that is killed ends and restarts all containers, and the
 * `docker compose stop` of a killed command keeps running. `start` receives the number of the attempt, starting at 1.
 */
export async function retryStart<Result>(start: (attempt: number) => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(attempt);
    } catch (error) {
      if (attempt === ATTEMPTS || !wasEnded(error)) throw error;
    }
  }
}

/** Whether a service ended by a signal, or because its engine lost sight of it, but not by itself. */
function wasEnded(error: unknown): boolean {
  if (!(error instanceof CliError) || error.code !== 'service_failed') return false;
  const { status, exitCode } = error.details;
  return (status === 'exited' || status === 'restarting') && [0, 137, 143, 255].includes(Number(exitCode));
}
