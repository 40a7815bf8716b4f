import type { Clock } from '../../io/clock.ts';
import { CliError } from '../../model/errors.ts';
import { DATABASE, type ServiceState } from '../../model/service.ts';

const LOOK_EVERY_MS = 100;

/** Waits for the database alone, because Compose waits for it only when it also starts something that depends on it. */
export async function waitForDatabase(options: {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly services: () => Promise<readonly ServiceState[]>;
}): Promise<void> {
  for (;;) {
    const database = (await options.services()).find(({ service }) => service === DATABASE);
    if (database?.status === 'running' && database.health === 'healthy') return;
    const ended = database?.status === 'exited' || database?.status === 'dead' || database?.status === 'restarting';
    if (ended || database?.health === 'unhealthy') throw failed('The database failed to start', database);
    if (options.clock.now() >= options.deadline) throw failed('Timed out: the database is not ready', database);
    await options.clock.sleep(LOOK_EVERY_MS, options.signal);
  }
}

function failed(message: string, database: ServiceState | undefined): CliError {
  return new CliError('service_failed', message, {
    hint: `See its log: agents-llm logs ${DATABASE}`,
    details: { service: DATABASE, status: database?.status ?? null, exitCode: database?.exitCode ?? null },
  });
}
