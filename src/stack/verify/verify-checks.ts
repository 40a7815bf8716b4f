import type { DataPlace } from '../../runtime/runtime.ts';
import { countRows, describeCounts } from '../data/data-counts.ts';
import type { DataLoss } from '../data/data-losses.ts';
import type { DataLook } from './look-at-data.ts';
import type { Check } from './verify-view.ts';

/** All that is compared before and after. */
export interface Look extends DataLook {
  readonly place: DataPlace;
  /** The id in the database. */
  readonly id: string;
}

const NOT_SEEN = "not looked at: the database is not the stack's own, and where it keeps its files cannot be seen";

/** Whether the database's files lie in the stack's own volume, and in nobody else's hands. */
export function volumeCheck({ volume, mounted, sharedWith, external }: DataPlace): Check {
  const check = (ok: boolean, seen: string): Check => ({ id: 'volume', ok, seen });
  if (external) return { ...check(true, NOT_SEEN), skipped: true };
  if (!volume) return check(false, "the stack's volume does not exist");
  if (mounted === null) return check(false, `the database keeps its data in its container, and not in ${volume}`);
  if (mounted !== volume) {
    const kind = /^[0-9a-f]{64}$/.test(mounted) ? 'an anonymous volume' : mounted;
    return check(false, `the database keeps its data in ${kind}, and not in ${volume}`);
  }
  if (sharedWith.length > 0) return check(false, `${volume} is used by ${sharedWith.join(', ')} too`);
  return check(true, `${volume} holds the data, and nobody else uses it`);
}

export function readableCheck(unreadable: readonly DataLoss[]): Check {
  const ok = unreadable.length === 0;
  const seen = ok ? 'LiteLLM shows all that its database holds, decrypted' : `${unreadable.length} cannot be read`;
  return { id: 'readable', ok, seen };
}

export function identityCheck(before: Look, after: Look): Check {
  const ok = before.id === after.id && before.place.volume === after.place.volume;
  const same = `the same ${before.place.external ? '' : 'volume, and the same '}id in the database`;
  const seen = ok ? same : 'another volume, or other data in it';
  return { id: 'identity', ok, seen };
}

export function inventoryCheck({ rows }: Look, lost: readonly DataLoss[]): Check {
  const counts = describeCounts(countRows(rows));
  const ok = lost.length === 0;
  return { id: 'inventory', ok, seen: ok ? `${counts}: all there` : `${counts}; ${lost.length} lost or changed` };
}

export function canaryCheck(misses: readonly string[]): Check {
  const ok = misses.length === 0;
  const seen = ok ? 'a provider, an alias and a key made before were there, readable and accepted' : misses.join('; ');
  return { id: 'canary', ok, seen };
}
