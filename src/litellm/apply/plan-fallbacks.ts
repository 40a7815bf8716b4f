import { isDeepStrictEqual } from 'node:util';
import { modelsMissing, unserved } from '../keys/key-models.ts';
import type { Plan, Seen, Step, Wanted } from './plan.ts';

/** Planned after all aliases, because LiteLLM only accepts existing ones. Fallbacks that the file does not mention stay. */
export function planFallbacks({ fallbacks }: Wanted, seen: Pick<Seen, 'fallbacks' | 'served'>): Plan {
  const steps = fallbacks.flatMap(({ alias, models }): Step[] => {
    const before = seen.fallbacks.get(alias) ?? [];
    if (isDeepStrictEqual(before, models)) return [];
    const missing = unserved(models, seen.served);
    if (missing.length > 0) throw modelsMissing(missing, seen.served);
    return [fallbackStep(alias, before, models)];
  });
  return { steps, warnings: [] };
}

export function fallbackStep(alias: string, before: readonly string[], models: readonly string[]): Step {
  const step = { kind: 'fallbacks', name: alias, work: { kind: 'put-fallbacks', alias, models } } as const;
  const list = models.join(', ');
  if (models.length === 0) return { ...step, action: 'remove', changes: [] };
  if (before.length === 0) return { ...step, action: 'create', changes: [list] };
  return { ...step, action: 'update', changes: [`${before.join(', ')} -> ${list}`] };
}
