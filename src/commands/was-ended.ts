import { CliError } from '../errors.ts';

/** How often what something else has ended is started again: an engine that was killed ends and starts all there is. */
export const START_ATTEMPTS = 3;

/** Whether a service ended on a signal, or when its engine lost sight of it, and not by itself. */
export function wasEnded(error: unknown): boolean {
  if (!(error instanceof CliError) || error.code !== 'service_failed') return false;
  const { status, exitCode } = error.details;
  return (status === 'exited' || status === 'restarting') && [0, 137, 143, 255].includes(Number(exitCode));
}
