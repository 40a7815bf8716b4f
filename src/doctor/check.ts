import type { CheckId } from './check-id.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { type Finding, findingOf, skip } from './finding.ts';
import { LookupFailure } from './lookup.ts';

export interface Check {
  readonly id: CheckId;
  /** An error that it throws becomes a finding. */
  readonly run: (stack: ExaminedStack) => Finding | Promise<Finding>;
  /** Fixes what is safe to fix, and returns what it did. */
  readonly repair?: (stack: ExaminedStack) => Promise<string>;
}

/** Never throws, except when the user interrupts, so that one failing check does not stop the others. */
export async function runCheck({ id, run }: Check, stack: ExaminedStack): Promise<Finding> {
  try {
    return await run(stack);
  } catch (error) {
    stack.invocation.context.signal.throwIfAborted();
    if (!(error instanceof LookupFailure)) return findingOf(error);
    return error.owner === id ? findingOf(error.cause) : skip(`Not checked: see ${error.owner}`);
  }
}
