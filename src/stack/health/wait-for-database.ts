import type { Clock } from '../../io/clock.ts';
import { CliError } from '../../model/errors.ts';
import { DATABASE, type ServiceState } from '../../model/service.ts';

const LOOK_EVERY_MS = 100;

/** Until the database alone is healthy. Compose waits for it only when something that depends on it is started too. */
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
    if (ended || database?.health === 'unhealthy') throw failed('the database does not come up', database);
    if (options.clock.now() >= options.deadline) throw failed('the database is not ready in time', database);
    await options.clock.sleep(LOOK_EVERY_MS, options.signal);
  }
}

function failed(message: string, database: ServiceState | undefined): CliError {
  return new CliError('service_failed', message, {
    hint: `see why: agents-llm logs ${DATABASE}`,
    details: { service: DATABASE, status: database?.status ?? null, exitCode: database?.exitCode ?? null },
  });
}
