import type { Operation } from '../../context/invocation.ts';
import { requireTrustedImage } from '../../litellm/releases/trusted-image.ts';
import { CliError } from '../../model/errors.ts';
import type { Outcome } from '../../model/report.ts';
import { openProjectFolder } from '../../project/project-folder.ts';
import { withLock } from '../../project/with-lock.ts';
import { planEnvironment } from '../environment/plan-environment.ts';
import { chooseRuntime } from '../open/choose-runtime.ts';
import { openStack } from '../open/open-stack.ts';
import { requireUsableMemory } from '../open/plan-spec.ts';
import { bringUp } from './bring-up.ts';
import { gatewayWarnings, withLitellmConfig } from './litellm-wish.ts';
import { planStack } from './plan-up.ts';
import type { UpFlags } from './up-options.ts';
import { dryOutcome, type UpData } from './up-outcome.ts';

export async function startUp(given: UpFlags, invocation: Operation): Promise<Outcome<UpData>> {
  const { context, settings } = invocation;
  const began = context.clock.now();
  if (given.dryRun) return showUp(await withLitellmConfig(given, invocation), invocation);
  const exposed = await openProjectFolder(context, settings.paths);
  const flags = await withLitellmConfig(given, invocation);
  try {
    const done = await withLock(invocation, 'up', flags.timeout, () => bringUp(flags, invocation, began));
    return { ...done, warnings: [...exposed, ...(done.warnings ?? [])] };
  } catch (error) {
    if (!(error instanceof CliError) || !context.signal.aborted) throw error;
    throw new CliError(error.code, error.lines, {
      hint: 'What was started keeps running. Continue: agents-llm up',
    });
  }
}

/** `--dry-run`: what `up` would do. */
async function showUp(flags: UpFlags, invocation: Operation): Promise<Outcome<UpData>> {
  const stack = await openStack(invocation, (given, state) => chooseRuntime(flags, given, state));
  const { spec } = await planStack(flags, invocation, stack);
  const environment = await planEnvironment(flags, invocation);
  const doubts = requireTrustedImage(spec.image, { installed: false });
  const warnings = [
    ...doubts,
    ...environment.warnings,
    ...requireUsableMemory(flags, spec, stack.runtime.kind),
    ...gatewayWarnings(flags, invocation.context.env, stack.runtime.kind, environment),
  ];
  return { ...(await dryOutcome(invocation, spec, stack, { pull: flags.pull, environment })), warnings };
}
