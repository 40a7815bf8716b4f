import type { CheckId } from './check-id.ts';
import { type Finding, findingOf, skip } from './finding.ts';
import type { ExaminedStack } from './looked-up.ts';
import { LookupFailure } from './lookup.ts';

export interface Check {
  readonly id: CheckId;
  /** What it throws is a finding too. */
  readonly look: (stack: ExaminedStack) => Finding | Promise<Finding>;
  /** Puts right what can be put right without harm, and says what it did. */
  readonly repair?: (stack: ExaminedStack) => Promise<string>;
}

/** Looks, whatever comes of it: only an interruption ends the others. */
export async function runCheck({ id, look }: Check, stack: ExaminedStack): Promise<Finding> {
  try {
    return await look(stack);
  } catch (error) {
    stack.invocation.context.signal.throwIfAborted();
    if (!(error instanceof LookupFailure)) return findingOf(error);
    return error.owner === id ? findingOf(error.cause) : skip(`Not checked: see ${error.owner}`);
  }
}
