import type { Secret } from '../model/secret.ts';
import type { Context } from './context.ts';
import type { Operation } from './invocation.ts';

/** Under GitHub Actions no later step shows it. */
function maskInWorkflow({ env, streams }: Pick<Context, 'env' | 'streams'>, key: string): void {
  if (env.GITHUB_ACTIONS === 'true') streams.stderr.writeRaw(`::add-mask::${key}\n`);
}

/** A key that a command has come to know, and may print itself: no log, error or trace shows it. */
export function keepOutOfLogs(key: Secret, { context, redaction }: Pick<Operation, 'context' | 'redaction'>): void {
  redaction.add([key]);
  maskInWorkflow(context, key.reveal());
}
