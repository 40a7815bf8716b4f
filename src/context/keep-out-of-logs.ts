import type { Secret } from '../model/secret.ts';
import type { Context } from './context.ts';
import type { Operation } from './invocation.ts';

/** GitHub Actions then masks it in the output of later steps too. */
function maskInWorkflow({ env, streams }: Pick<Context, 'env' | 'streams'>, key: string): void {
  if (env.GITHUB_ACTIONS === 'true') streams.stderr.writeRaw(`::add-mask::${key}\n`);
}

/** Keeps a key out of logs, errors and traces, although the command itself may print it. */
export function keepOutOfLogs(key: Secret, { context, redaction }: Pick<Operation, 'context' | 'redaction'>): void {
  redaction.add([key]);
  maskInWorkflow(context, key.reveal());
}
