import type { Invocation } from './invocation.ts';

/** Under GitHub Actions no later step shows it. */
export function maskInWorkflow({ env, streams }: Invocation['context'], key: string): void {
  if (env.GITHUB_ACTIONS === 'true') streams.stderr.writeRaw(`::add-mask::${key}\n`);
}
