import { movedKeys } from './moved-keys.ts';
import type { Seen, Wanted, WholePlan } from './plan.ts';
import { planAlias } from './plan-alias.ts';
import { planFallbacks } from './plan-fallbacks.ts';
import { planKey } from './plan-key.ts';
import { planProvider } from './plan-provider.ts';
import { planRemovals, removedModels } from './plan-removals.ts';

export interface PlanOptions {
  /** Remove entries that were created from this file but are no longer in it. */
  readonly prune: boolean;
  /** Merge several rows of an alias into one. */
  readonly force: boolean;
}

/** The steps that make LiteLLM match the file. Throws for what cannot be done, before anything is changed. */
export function planChanges(wanted: Wanted, seen: Seen, options: PlanOptions): WholePlan {
  const afterwards = { ...seen, served: servedAfterwards(wanted, seen, options) };
  const plans = [
    ...wanted.providers.map((provider) => planProvider(provider, seen)),
    ...wanted.aliases.map((alias) => planAlias(alias, wanted, seen, options.force)),
    planFallbacks(wanted, afterwards),
    ...wanted.keys.map((key) => planKey(key, wanted, afterwards)),
    planRemovals(wanted, seen, options.prune),
  ];
  const steps = plans.flatMap((plan) => plan.steps);
  return {
    steps,
    warnings: [...wanted.warnings, ...plans.flatMap(({ warnings }) => warnings)],
    risks: movedKeys(steps, seen),
  };
}

function servedAfterwards(wanted: Wanted, seen: Seen, { prune }: PlanOptions): readonly string[] {
  const removed = new Set(prune ? removedModels(wanted, seen) : []);
  const stays = new Set(seen.models.filter((row) => !removed.has(row)).map((row) => row.model_name));
  const gone = new Set([...removed].map((row) => row.model_name).filter((name) => !stays.has(name)));
  const made = wanted.aliases.map(({ name }) => name);
  return [...new Set([...seen.served.filter((name) => !gone.has(name)), ...made])];
}
