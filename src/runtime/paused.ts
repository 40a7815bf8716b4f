import { CliError } from '../model/errors.ts';
import type { ServiceState } from '../model/service.ts';

/** A container that is paused takes connections and answers none of them. */
export function pausedError(service: ServiceState): CliError {
  return new CliError('service_failed', `${service.service} is paused`, {
    hint: `Resume it: ${unpause(service)}`,
    details: { service: service.service, status: service.status },
  });
}

/** Throws when a service is: it would take what it is sent, and answer nothing. */
export function requireUnpaused(services: readonly ServiceState[]): void {
  const paused = services.find(({ status }) => status === 'paused');
  if (paused) throw pausedError(paused);
}

export const unpause = ({ container, id }: Pick<ServiceState, 'container' | 'id'>): string =>
  `docker unpause ${container ?? id}`;
