import type { RuntimeKind } from '../../model/service.ts';
import type { DataCounts } from '../data/data-counts.ts';
import type { DataLoss } from '../data/data-losses.ts';

export type VerifyMode = 'recreate' | 'restart' | 'no-restart';

export interface Check {
  readonly id: 'volume' | 'readable' | 'inventory' | 'canary' | 'identity';
  readonly ok: boolean;
  /** It could not be checked; `seen` says why. */
  readonly skipped?: true;
  readonly seen: string;
}

export interface VerifyData {
  readonly project: string;
  readonly mode: VerifyMode;
  readonly runtime: RuntimeKind;
  readonly checks: readonly Check[];
  /** What there was before. */
  readonly inventory: DataCounts;
  readonly losses: readonly DataLoss[];
  readonly elapsedMs: number;
}
