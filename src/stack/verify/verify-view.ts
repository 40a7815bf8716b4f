import type { Paint } from '../../io/terminal/paint.ts';
import type { RuntimeKind } from '../../model/service.ts';
import { alignColumns } from '../../text/align-columns.ts';
import { formatDuration } from '../../text/duration.ts';
import type { DataCounts } from '../data/data-counts.ts';
import type { DataLoss } from '../data/data-losses.ts';

export type VerifyMode = 'recreate' | 'restart' | 'no-restart';

export interface Check {
  readonly id: 'volume' | 'readable' | 'inventory' | 'canary' | 'identity';
  readonly ok: boolean;
  /** It could not be looked at, and says why in `seen`. */
  readonly skipped?: true;
  readonly seen: string;
}

export interface VerifyData {
  readonly project: string;
  readonly mode: VerifyMode;
  readonly runtime: RuntimeKind;
  readonly checks: readonly Check[];
  /** How many there were before. */
  readonly inventory: DataCounts;
  readonly losses: readonly DataLoss[];
  readonly elapsedMs: number;
}

const SURVIVED: Readonly<Record<VerifyMode, string>> = {
  recreate: 'survives new',
  restart: 'survives a restart',
  'no-restart': 'is whole and readable',
};

export function renderVerify(data: VerifyData, paint: Paint): string {
  const made = data.mode === 'recreate' ? ` ${data.runtime === 'docker' ? 'containers' : 'processes'}` : '';
  const head = `${paint.green(`the data of ${data.project} ${SURVIVED[data.mode]}${made}`)} (${formatDuration(data.elapsedMs)})`;
  return `${head}\n\n${renderChecks(data.checks)}\n`;
}

/** A table of what was found, as the message of the failure. */
export function describeLosses({ project, checks, losses }: VerifyData): string {
  const table = losses.length > 0 ? `\n\n${renderLosses(losses)}` : '';
  return `the data of ${project} is not whole\n\n${renderChecks(checks)}${table}\n`;
}

function renderChecks(checks: readonly Check[]): string {
  return alignColumns(
    checks.map(({ id, ok, skipped, seen }) => [`  ${skipped ? 'skip' : ok ? 'ok' : 'FAIL'}`, id, seen]),
  );
}

function renderLosses(losses: readonly DataLoss[]): string {
  return alignColumns(losses.map(({ kind, name, what, why }) => [`  ${kind}`, name, what, why]));
}
