import type { Paint } from '../../io/terminal/paint.ts';
import { alignColumns } from '../../text/align-columns.ts';
import { formatDuration } from '../../text/duration.ts';
import type { DataLoss } from '../data/data-losses.ts';
import type { Check, VerifyData, VerifyMode } from './verify-result.ts';

const SURVIVED: Readonly<Record<VerifyMode, string>> = {
  recreate: 'survives recreating the',
  restart: 'survives a restart',
  'no-restart': 'is complete and readable',
};

export function renderVerify(data: VerifyData, paint: Paint): string {
  const recreated = data.mode === 'recreate' ? ` ${data.runtime === 'docker' ? 'containers' : 'processes'}` : '';
  const head = paint.green(`The data of ${data.project} ${SURVIVED[data.mode]}${recreated}`);
  return `${head} (${formatDuration(data.elapsedMs)})\n\n${renderChecks(data.checks)}\n`;
}

/** The message of the failure: a table of the checks, and one of what was lost. */
export function describeLosses({ project, checks, losses }: VerifyData): string {
  const table = losses.length > 0 ? `\n\n${renderLosses(losses)}` : '';
  return `The data of ${project} is not complete\n\n${renderChecks(checks)}${table}\n`;
}

function renderChecks(checks: readonly Check[]): string {
  return alignColumns(
    checks.map(({ id, ok, skipped, seen }) => [`  ${skipped ? 'skip' : ok ? 'ok' : 'FAIL'}`, id, seen]),
  );
}

function renderLosses(losses: readonly DataLoss[]): string {
  return alignColumns(losses.map(({ kind, name, what, why }) => [`  ${kind}`, name, what, why]));
}
