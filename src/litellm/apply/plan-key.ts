import { isExpired, keyAlias } from '../admin/keys.ts';
import { FILE_MARK } from '../admin/owner-mark.ts';
import { rowsBy } from '../admin/rows-by.ts';
import type { KeyChanges, KeyRow } from '../admin/schemas.ts';
import { keyBlocked, keyLost, keyNotOurs } from '../keys/key-errors.ts';
import { limitChanges, wantedLimits } from '../keys/key-limits.ts';
import { modelsMissing, unserved } from '../keys/key-models.ts';
import type { WholeKeyWish } from '../keys/key-wish.ts';
import { isOfHost } from '../keys/provision-key.ts';
import type { Plan, Seen, Step, Wanted, WantedKey } from './plan.ts';

type SeenKeys = Pick<Seen, 'keys' | 'kept' | 'envFiles' | 'served' | 'host' | 'now'>;

export function planKey({ wish: asked, env }: WantedKey, wanted: Pick<Wanted, 'file'>, seen: SeenKeys): Plan {
  const missing = unserved(asked.models, seen.served);
  if (missing.length > 0) throw modelsMissing(missing, seen.served);
  const row = rowsBy(seen.keys, keyAlias).get(asked.alias)?.[0];
  // Keeps the owner, so that a key that someone created by hand is not removed by --prune later.
  const mark = row ? row.metadata?.[FILE_MARK] : wanted.file;
  const wish = { ...asked, metadata: { ...asked.metadata, ...(mark === undefined ? {} : { [FILE_MARK]: mark }) } };
  const put = planPut(wish, row, seen);
  const state = seen.envFiles.get(wish.alias) ?? 'none';
  const writes = env !== undefined && (put?.isNew || state !== 'same');
  return {
    steps: [...(put ? [put.step] : []), ...(writes ? [writeStep(wish.alias, env, state)] : [])],
    warnings: [],
  };
}

interface Put {
  readonly step: Step;
  /** Whether the key itself will be a new one. */
  readonly isNew: boolean;
}

function planPut(wish: WholeKeyWish, row: KeyRow | undefined, seen: SeenKeys): Put | undefined {
  const step = (action: 'create' | 'update', changes: readonly string[]): Step => ({
    action,
    kind: 'key',
    name: wish.alias,
    changes,
    work: { kind: 'put-key', wish },
  });
  if (!row) return { step: step('create', describe(wish)), isNew: true };
  const isKept = seen.kept.get(wish.alias) === row.token;
  if (!isKept && !isOfHost(row, seen.host)) throw keyNotOurs(row, wish.alias);
  if (isExpired(row, seen.now)) {
    return { step: step('update', [`new key, because the previous one expired at ${row.expires}`]), isNew: true };
  }
  if (!isKept) throw keyLost(wish.alias);
  if (row.blocked) throw keyBlocked(wish.alias);
  const changes = limitChanges(row, wish);
  return changes && { step: step('update', describeChanges(changes, row)), isNew: false };
}

function writeStep(alias: string, env: NonNullable<WantedKey['env']>, state: 'same' | 'differs' | 'none'): Step {
  return {
    action: state === 'none' ? 'create' : 'update',
    kind: 'env',
    name: env.shown,
    changes: [`${env.keyVariable} and ${env.urlVariable} of ${alias}`],
    work: { kind: 'write-env', alias, env },
  };
}

function describe(wish: WholeKeyWish): readonly string[] {
  const { models = [], ...limits } = wantedLimits(wish);
  return [models.join(', '), ...Object.entries(limits).map(([name, value]) => `${name} ${value}`)];
}

function describeChanges({ metadata, ...changes }: KeyChanges, row: KeyRow): readonly string[] {
  const before: Readonly<Record<string, unknown>> = { ...row, duration: row.metadata?.agents_llm_duration };
  const lines = Object.entries(changes).map(([name, value]) =>
    value === null
      ? `${name} ${shownValue(before[name])} removed`
      : `${name} ${shownValue(before[name])} -> ${shownValue(value)}`,
  );
  return lines.length > 0 || !metadata ? lines : ['metadata'];
}

function shownValue(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ') || 'all';
  return value === undefined || value === null ? 'none' : String(value);
}
