import type { Paint } from '../io/terminal/paint.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { RuntimeKind } from '../model/service.ts';
import type { DatabaseSize } from '../stack/data/database-size.ts';
import { formatDuration } from '../text/duration.ts';
import type { CheckId } from './check-id.ts';
import type { Finding, FindingStatus } from './finding.ts';

export type CheckResult = { readonly id: CheckId } & Finding;

export interface Repair {
  readonly id: CheckId;
  /** What was done. */
  readonly did: string;
}

export interface DoctorData {
  readonly project: string;
  readonly runtime: RuntimeKind;
  readonly checks: readonly CheckResult[];
  /** The code of the worst failure, which gives the exit code; null when nothing fails. */
  readonly worst: ErrorCode | null;
  /** Null if the database does not run. */
  readonly databaseSize: DatabaseSize | null;
  /** By --fix. */
  readonly fixed: readonly Repair[];
  readonly elapsedMs: number;
}

export function renderDoctor(data: DoctorData, paint: Paint): string {
  const looked = data.checks.filter(({ status }) => status !== 'skip');
  const width = Math.max(...looked.map(({ id }) => id.length));
  const lines = looked.flatMap((check) => renderCheck(check, width, paint));
  const skipped = reasonsOf(data.checks).map(([reason, ids]) => paint.dim(`  skip  ${ids.join(', ')}: ${reason}`));
  const fixed = data.fixed.map(({ id, did }) => `  ${paint.green('fixed')}  ${id}: ${did}`);
  const head = `${paint.bold(data.project)} on ${data.runtime}: ${countsOf(data.checks)} (${formatDuration(data.elapsedMs)})`;
  const parts = [[head], fixed, lines, skipped].filter((part) => part.length > 0);
  return `${parts.map((part) => part.join('\n')).join('\n\n')}\n`;
}

function renderCheck({ id, status, seen, fix }: CheckResult, width: number, paint: Paint): string[] {
  const colour = { ok: paint.green, warn: paint.yellow, fail: paint.red, skip: paint.dim }[status];
  const label = status === 'fail' ? 'FAIL' : status;
  const indent = ' '.repeat(width + 10);
  const fixes = fix === null ? [] : fix.split('\n').map((line) => `${indent}${paint.cyan('fix:')} ${line}`);
  return [`  ${colour(label.padEnd(4))}  ${id.padEnd(width)}  ${seen}`, ...fixes];
}

/** Skipped checks grouped by reason, which takes a few lines instead of twenty. */
function reasonsOf(checks: readonly CheckResult[]): [reason: string, ids: CheckId[]][] {
  const reasons = new Map<string, CheckId[]>();
  for (const { id, status, seen } of checks) {
    if (status === 'skip') reasons.set(seen, [...(reasons.get(seen) ?? []), id]);
  }
  return [...reasons];
}

function countsOf(checks: readonly Finding[]): string {
  const countOf = (wanted: FindingStatus) => checks.filter(({ status }) => status === wanted).length;
  const plural = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;
  return [
    plural(countOf('fail'), 'failure'),
    plural(countOf('warn'), 'warning'),
    `${countOf('ok')} ok`,
    `${countOf('skip')} skipped`,
  ].join(', ');
}
