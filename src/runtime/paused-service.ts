import { CliError } from '../model/errors.ts';
import type { ServiceState } from '../model/service.ts';

/** The error for a paused container, which accepts connections but answers none of them. */
export function pausedError(service: ServiceState): CliError {
  return new CliError('service_failed', `${service.service} is paused`, {
    hint: `Resume it: ${unpauseCommand(service)}`,
    details: { service: service.service, status: service.status },
  });
}

/** Throws if a service is paused, because it would never answer. */
export function requireUnpaused(services: readonly ServiceState[]): void {
  const paused = services.find(({ status }) => status === 'paused');
  if (paused) throw pausedError(paused);
}

export const unpauseCommand = ({ container, id }: Pick<ServiceState, 'container' | 'id'>): string =>
  `docker unpause ${container ?? id}`;
