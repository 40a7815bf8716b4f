import type { Secret } from '../model/secret.ts';
import type { Invocation } from './invocation.ts';

/** Under GitHub Actions no later step shows it. */
function maskInWorkflow({ env, streams }: Invocation['context'], key: string): void {
  if (env.GITHUB_ACTIONS === 'true') streams.stderr.writeRaw(`::add-mask::${key}\n`);
}

/** A key that a command has come to know, and may print itself: no log, error or trace shows it. */
export function keepOutOfLogs(key: Secret, { context, redaction }: Pick<Invocation, 'context' | 'redaction'>): void {
  redaction.add([key]);
  maskInWorkflow(context, key.reveal());
}
