import type { Operation } from '../../context/invocation.ts';
import { CANARY_PREFIX, removeCanaries } from '../../litellm/admin/canary.ts';
import { createAdminClient } from '../../litellm/admin/client.ts';
import { probeProxy } from '../health/proxy-health.ts';
import { waitForDatabase } from '../health/wait-for-database.ts';
import { runtimeOf } from '../open/choose-runtime.ts';
import { onDatabaseOf } from '../open/external-database.ts';
import type { MadeStack } from '../open/made-stack.ts';

const DATABASE_MS = 60_000;

/** For a gateway that does not answer. */
export const DELETE_CANARIES = `BEGIN;
DELETE FROM "LiteLLM_VerificationToken" WHERE key_alias LIKE '${CANARY_PREFIX}%';
DELETE FROM "LiteLLM_ProxyModelTable" WHERE model_name LIKE '${CANARY_PREFIX}%';
DELETE FROM "LiteLLM_CredentialsTable" WHERE credential_name LIKE '${CANARY_PREFIX}%';
COMMIT;
`;

/**
 * Removes the canaries whatever happened, Ctrl-C included: through the gateway when it is ready, else in the database, which
 * is started if need be and the stack's own.
 */
export async function clearCanaries(
  interrupted: Operation,
  { spec, secrets, peer, client: { target }, runtime: before }: MadeStack,
  runtimeFor: typeof runtimeOf = runtimeOf,
): Promise<void> {
  const { signal } = new AbortController();
  const context = { ...interrupted.context, signal };
  const { clock, http } = context;
  if ((await probeProxy(http, { ...target, peer }, signal)).state === 'ready') {
    const client = createAdminClient({ http, clock, target, signal });
    // A gateway that was told to end before Ctrl-C may end meanwhile.
    const isDone = await removeCanaries(client).then(
      () => true,
      () => false,
    );
    if (isDone) return;
  }
  const runtime = onDatabaseOf(runtimeFor({ ...interrupted, context }, before.kind), spec, secrets);
  if (!spec.externalDatabase) {
    // What was told to end does so without us, and only then can it be started.
    if (runtime.kind === 'native') await runtime.stop();
    await runtime.start(spec, { recreate: [], signal });
    const deadline = clock.now() + DATABASE_MS;
    await waitForDatabase({ clock, signal, deadline, services: () => runtime.services() });
  }
  await runtime.database.sql(DELETE_CANARIES);
}
