import type { Operation } from '../../context/invocation.ts';
import type { StackSecrets } from '../../project/secrets.ts';
import { rememberEnvironment } from '../environment/remember-environment.ts';
import { type NotedDigests, noteDigests, requireTrustedContent } from '../open/images.ts';
import { rememberStack } from '../open/remember-stack.ts';
import { requireUsableDatabase } from '../open/usable-database.ts';
import { isRotating, setDatabasePassword } from '../rotation/rotating.ts';
import { requireKnownVolume } from '../startup/known-data.ts';
import { writeTlsFiles } from '../tls/tls-files.ts';
import { writeLitellmFiles } from './litellm-wish.ts';
import type { UpPlan } from './plan-up.ts';
import type { CheckedStart } from './refuse-up.ts';
import type { UpFlags } from './up-options.ts';

export interface PreparedStart {
  readonly secrets: StackSecrets;
  readonly digests: NotedDigests;
  /** Milliseconds since the epoch; getting the images does not count. */
  readonly deadline: number;
  readonly adopt: boolean;
  /** Whether LiteLLM's own configuration says how long the request log is kept. */
  readonly setsRetention: boolean;
}

/** Downloads the images, checks that database and volume are the right ones, and writes the files for the start. */
export async function prepareUp(
  flags: UpFlags,
  invocation: Operation,
  { stack, spec, runtime, tlsFiles, environment }: UpPlan,
  { engine, secrets }: CheckedStart,
): Promise<PreparedStart> {
  const { state } = stack;
  // The installation goes the gateway's way out: through the same proxy, with the same certificates.
  if (runtime.kind === 'native') await rememberEnvironment(invocation, environment);
  await runtime.prepare(spec, flags.pull, invocation.progress);
  await requireTrustedContent(runtime, spec);
  await requireUsableDatabase(invocation, runtime, spec);
  const digests = await noteDigests(runtime, spec, state ?? {});
  const deadline = invocation.context.clock.now() + flags.timeout;
  const { adopt = false } = flags;
  if (!adopt) await requireKnownVolume(invocation, runtime, { known: state?.data, spec, deadline });
  await writeTlsFiles(invocation, tlsFiles);
  await writeLitellmFiles(invocation, flags.litellm);
  if (runtime.kind === 'docker') await rememberEnvironment(invocation, environment);
  await rememberStack(invocation, stack, { spec, secrets, engine, digests: digests.digests });
  if (isRotating(state?.fingerprints)) await setDatabasePassword(invocation, runtime, spec, secrets);
  return { secrets, digests, deadline, adopt, setsRetention: flags.litellm?.setsRetention ?? false };
}
