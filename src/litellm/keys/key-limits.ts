import { isDeepStrictEqual } from 'node:util';
import { PROCESS_MARK } from '../admin/owner-mark.ts';
import type { KeyChanges, KeyLimits, KeyRow } from '../admin/schemas.ts';
import { DEFAULT_DURATION, DEFAULT_MODELS, type KeyWish, type WholeKeyWish } from './key-wish.ts';

/** The metadata field that marks keys that agents-llm created. */
export const OWNER = 'managed_by';
const DURATION = 'agents_llm_duration';

export function ownerMetadata(wish: Pick<WholeKeyWish, 'duration'>, host: string): Readonly<Record<string, unknown>> {
  return { [OWNER]: 'agents-llm', agents_llm_host: host, [DURATION]: wish.duration };
}

/** Fills in what the wish does not name from the existing key, or else from the defaults. */
export function completeWish(wish: KeyWish, row: KeyRow | undefined): WholeKeyWish {
  const had = wish.exact ? undefined : row;
  const duration = had?.metadata?.[DURATION];
  return {
    ...wish,
    models: wish.models ?? had?.models ?? wish.modelsIfNew ?? DEFAULT_MODELS,
    duration: wish.duration ?? (typeof duration === 'string' ? duration : DEFAULT_DURATION),
    maxBudget: wish.maxBudget ?? had?.max_budget ?? undefined,
    budgetDuration: wish.budgetDuration ?? had?.budget_duration ?? undefined,
    rpmLimit: wish.rpmLimit ?? had?.rpm_limit ?? undefined,
    tpmLimit: wish.tpmLimit ?? had?.tpm_limit ?? undefined,
    teamId: wish.teamId ?? had?.team_id ?? undefined,
  };
}

/** What a replacement key takes over from the old key, besides what a wish can name. */
export function inheritance({ budget_duration, max_parallel_requests, metadata }: KeyRow): KeyLimits {
  const { [PROCESS_MARK]: _, ...lasting } = metadata ?? {};
  return {
    ...(budget_duration == null ? {} : { budget_duration }),
    ...(max_parallel_requests == null ? {} : { max_parallel_requests }),
    metadata: lasting,
  };
}

/** The wish in LiteLLM's names, without limits that were not named. */
export function wantedLimits(wish: WholeKeyWish): KeyLimits {
  return {
    models: [...wish.models],
    duration: wish.duration,
    ...(wish.maxBudget === undefined ? {} : { max_budget: wish.maxBudget }),
    ...(wish.budgetDuration === undefined ? {} : { budget_duration: wish.budgetDuration }),
    ...(wish.rpmLimit === undefined ? {} : { rpm_limit: wish.rpmLimit }),
    ...(wish.tpmLimit === undefined ? {} : { tpm_limit: wish.tpmLimit }),
    ...(wish.teamId === undefined ? {} : { team_id: wish.teamId }),
  };
}

/**
 * The changes that make a key as wanted; undefined if there are none. The lifetime is only sent if it differs from
 * the one that the key was created with, because sending it restarts it.
 */
export function limitChanges(row: KeyRow, wish: WholeKeyWish): KeyChanges | undefined {
  const { models, duration, ...limits } = wantedLimits(wish);
  const had = row.metadata ?? {};
  const newDuration = had[DURATION] !== undefined && had[DURATION] !== wish.duration;
  const metadata = { ...wish.metadata, ...(newDuration ? { [DURATION]: wish.duration } : {}) };
  const changes: KeyChanges = {
    ...(sameSet(row.models ?? [], wish.models) ? {} : { models: models ?? [] }),
    ...(wish.exact ? surplusLimits(row, limits) : {}),
    ...Object.fromEntries(Object.entries(limits).filter(([name, value]) => row[name as 'max_budget'] !== value)),
    ...(newDuration && duration !== undefined ? { duration } : {}),
    // LiteLLM replaces the metadata as a whole.
    ...(isPart(metadata, had) ? {} : { metadata: { ...had, ...metadata } }),
  };
  return Object.keys(changes).length > 0 ? changes : undefined;
}

/** Changes that remove the limits that the key has but the wish does not. */
function surplusLimits(row: KeyRow, limits: KeyChanges): KeyChanges {
  const names = ['max_budget', 'budget_duration', 'rpm_limit', 'tpm_limit', 'team_id'] as const;
  return Object.fromEntries(names.filter((name) => row[name] != null && !(name in limits)).map((name) => [name, null]));
}

const sameSet = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((item) => b.includes(item));

const isPart = (part: Readonly<Record<string, unknown>>, whole: Readonly<Record<string, unknown>>) =>
  Object.entries(part).every(([name, value]) => isDeepStrictEqual(whole[name], value));
