import { CliError } from '../../model/errors.ts';
import type { AdminClient } from './client.ts';
import { servedModels } from './models.ts';

const EVERY_MS = 500;

/** Waits for a gateway that is still starting. Throws its last error on timeout, and errors that waiting cannot fix at once. */
export async function waitForProxy(client: AdminClient, waitMs: number, signal?: AbortSignal): Promise<void> {
  const until = client.clock.now() + waitMs;
  for (;;) {
    try {
      await servedModels(client);
      return;
    } catch (error) {
      const passes = error instanceof CliError && (error.retryable || error.code === 'not_litellm');
      if (!passes || client.clock.now() >= until) throw error;
    }
    await client.clock.sleep(EVERY_MS, signal);
  }
}
