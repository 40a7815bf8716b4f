import type { ExaminedStack } from './examined-stack.ts';
import { type Finding, findingOf, skip } from './finding.ts';
import { LookupFailure } from './lookup.ts';

export type CheckId =
  | 'node'
  | 'docker-cli'
  | 'context'
  | 'engine'
  | 'compose'
  | 'clock'
  | 'python'
  | 'data-folder'
  | 'memory'
  | 'disk'
  | 'proxy-variables'
  | 'images'
  | 'image-digest'
  | 'image-version'
  | 'advisories'
  | 'state'
  | 'secrets'
  | 'file-modes'
  | 'weak-secrets'
  | 'ui-login'
  | 'secrets-drift'
  | 'unfinished'
  | 'lock'
  | 'config-file'
  | 'other-stacks'
  | 'bind'
  | 'web-origins'
  | 'certificate'
  | 'port'
  | 'stranger'
  | 'services'
  | 'database-port'
  | 'readiness'
  | 'master-key'
  | 'database'
  | 'volume'
  | 'data-identity'
  | 'readable'
  | 'alias-credentials'
  | 'alias-rows'
  | 'kept-keys'
  | 'expiring-keys'
  | 'dead-process-keys'
  | 'canaries';

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
    return error.owner === id ? findingOf(error.cause) : skip(`cannot be told: see ${error.owner}`);
  }
}
