import type { DataPlace } from '../../runtime/runtime.ts';
import { countRows, describeCounts } from '../data/data-counts.ts';
import type { DataLoss } from '../data/data-losses.ts';
import type { DataComparison } from './compare-data.ts';
import type { Check } from './verify-result.ts';

/** What is compared before and after. */
export interface Snapshot extends DataComparison {
  readonly place: DataPlace;
  /** The id in the database. */
  readonly id: string;
}

const NOT_CHECKED = 'not checked, because the database is external';

/** Whether the database's files lie in the stack's own volume, which nothing else uses. */
export function volumeCheck({ volume, mounted, sharedWith, external }: DataPlace): Check {
  const check = (ok: boolean, seen: string): Check => ({ id: 'volume', ok, seen });
  if (external) return { ...check(true, NOT_CHECKED), skipped: true };
  if (!volume) return check(false, "the stack's volume does not exist");
  if (mounted === null) return check(false, `the database keeps its data in its container instead of ${volume}`);
  if (mounted !== volume) {
    const kind = /^[0-9a-f]{64}$/.test(mounted) ? 'an anonymous volume' : mounted;
    return check(false, `the database keeps its data in ${kind} instead of ${volume}`);
  }
  if (sharedWith.length > 0)
    return check(false, `${sharedWith.join(', ')} also ${sharedWith.length === 1 ? 'uses' : 'use'} ${volume}`);
  return check(true, `${volume} contains the data, and nothing else uses it`);
}

export function readableCheck(unreadable: readonly DataLoss[]): Check {
  const ok = unreadable.length === 0;
  const seen = ok
    ? 'LiteLLM can read and decrypt everything in its database'
    : `LiteLLM cannot read ${unreadable.length} ${unreadable.length === 1 ? 'entry' : 'entries'}`;
  return { id: 'readable', ok, seen };
}

export function identityCheck(before: Snapshot, after: Snapshot): Check {
  const ok = before.id === after.id && before.place.volume === after.place.volume;
  const same = before.place.external ? 'same id in the database' : 'same volume and same id in the database';
  const seen = ok ? same : 'another volume, or other data in it';
  return { id: 'identity', ok, seen };
}

export function inventoryCheck({ rows }: Snapshot, lost: readonly DataLoss[]): Check {
  const counts = describeCounts(countRows(rows));
  const ok = lost.length === 0;
  return { id: 'inventory', ok, seen: ok ? `${counts}: all present` : `${counts}; ${lost.length} lost or changed` };
}

export function canaryCheck(misses: readonly string[]): Check {
  const ok = misses.length === 0;
  const seen = ok ? 'a temporary provider, alias and key survived and work' : misses.join('; ');
  return { id: 'canary', ok, seen };
}
