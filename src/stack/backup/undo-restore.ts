import type { Operation, Workplace } from '../../context/invocation.ts';
import { PROXY } from '../../model/service.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { readSecrets } from '../../project/secrets.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { openStack, type RuntimeFor, requireSameEngine, type Stack } from '../open/open-stack.ts';
import { knownSpec } from '../open/plan-spec.ts';
import { settleFingerprints } from '../rotation/rotating.ts';
import { adoptIdentity } from '../startup/known-data.ts';
import { withDatabase } from '../startup/start-database.ts';
import { canSwapBack, swapBack } from './swap-database.ts';

/** Whether a restore was interrupted. */
export async function isRestoring({ context: { files }, settings }: Workplace): Promise<boolean> {
  return (await files.owner(settings.paths.secretsBefore)) !== undefined;
}

/** Opens the stack and undoes an interrupted restore first. Without a volume there is nothing to undo. */
export async function openUndone(invocation: Operation, runtimeFor?: RuntimeFor): Promise<Stack> {
  const stack = await openStack(invocation, runtimeFor);
  const { state, secrets, runtime } = stack;
  if (!state || !secrets || !(await isRestoring(invocation))) return stack;
  const { project } = invocation.settings;
  requireSameEngine(state, await runtime.preflight());
  if ((await runtime.dataPlace()).volume === null) return stack;
  await undoRestore(invocation, runtime, knownSpec(project, state, runtime.defaults));
  return openStack(invocation, runtimeFor);
}

/** Restores data and secrets from before a restore that failed or was killed; the gateway stays stopped. */
export async function undoRestore(invocation: Operation, runtime: Runtime, spec: StackSpec): Promise<void> {
  const { context, settings, progress } = invocation;
  const { files } = context;
  const { paths } = settings;
  progress.phase('Undoing the interrupted restore');
  await runtime.stop([PROXY]);
  await withDatabase(invocation, runtime, spec, async () => {
    // Otherwise the data was not replaced yet or is verified already, and the secrets belong to the current data.
    if (await canSwapBack(runtime.database)) {
      // The secrets first: if this is killed in between, the next run still swaps the data.
      const previousSecrets = await files.read(paths.secretsBefore);
      if (previousSecrets !== undefined) await files.write(paths.secrets, previousSecrets, 0o600);
      await swapBack(runtime.database);
    }
    await adoptIdentity(invocation, runtime);
  });
  const secrets = await readSecrets(files, paths);
  if (secrets) await settleFingerprints(invocation, secrets);
  await files.remove(paths.secretsBefore);
}
