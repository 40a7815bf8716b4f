import type { Workplace } from '../../context/invocation.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { fingerprintsOf } from '../../project/fingerprints.ts';
import { allSecrets, type StackSecrets, setSecrets, writeSecrets } from '../../project/secrets.ts';
import { type StackState, writeState } from '../../project/state.ts';
import type { Stack } from './open-stack.ts';

export interface NewStack extends Pick<StackState, 'engine' | 'digests'> {
  readonly spec: StackSpec;
  readonly secrets: StackSecrets;
}

/** Writes secrets and state before anything starts, so that an interrupted start can be continued. */
export async function rememberStack(
  { context, settings }: Workplace,
  { state, secrets: before, runtime }: Stack,
  { spec, secrets, engine, digests }: NewStack,
): Promise<void> {
  const { files, clock, env, streams, randomBytes } = context;
  if (!before) await writeSecrets(files, settings.paths, secrets);
  else {
    const login = { UI_USERNAME: secrets.uiUsername, UI_PASSWORD: secrets.uiPassword.reveal() };
    const url = secrets.databaseUrl && { LITELLM_DATABASE_URL: secrets.databaseUrl.reveal() };
    await setSecrets(files, settings.paths, { ...login, ...url });
  }
  const createdAt = state?.createdAt ?? new Date(clock.now()).toISOString();
  const fingerprints = state?.fingerprints ?? fingerprintsOf(secrets, randomBytes(16).toString('hex'));
  await writeState(files, settings.paths, {
    schemaVersion: 1,
    runtime: runtime.kind,
    ...spec,
    // Named, because what a spec does not name is kept.
    tls: spec.tls,
    corsOrigins: spec.corsOrigins,
    fastStart: spec.fastStart,
    memory: spec.memory,
    litellm: spec.litellm,
    engine,
    digests,
    createdAt,
    fingerprints,
  });
  if (env.GITHUB_ACTIONS !== 'true') return;
  for (const value of new Set(allSecrets(secrets).map((secret) => secret.reveal()))) {
    // A mask of `admin` would blot out every such word of the job's log.
    if (value.length >= 6) streams.stderr.writeRaw(`::add-mask::${value}\n`);
  }
}
