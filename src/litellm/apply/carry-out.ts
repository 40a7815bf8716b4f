import type { Secret } from '../../model/secret.ts';
import type { Admin } from '../admin/admin.ts';
import { deleteRow } from '../admin/alias-rows.ts';
import { putAlias } from '../admin/aliases.ts';
import { putCredential, removeCredential } from '../admin/credentials.ts';
import { deleteKey } from '../admin/keys.ts';
import { putFallbacks } from '../aliases/fallbacks.ts';
import { provisionKey } from '../keys/provision-key.ts';
import type { Plan, Step, WantedEnv } from './plan.ts';

export interface PlanEffects {
  readonly signal: AbortSignal;
  /** Called before each step. */
  readonly onStep: (step: Step) => void;
  /** Called with each key before it is used. */
  readonly onKey: (key: Secret) => void;
  readonly writeEnv: (env: WantedEnv, key: Secret) => Promise<void>;
}

/** Carries out the steps in order. Each is idempotent, so that running apply again continues after an interruption. */
export async function carryOut(admin: Admin, { steps }: Plan, effects: PlanEffects): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const step of steps) {
    effects.signal.throwIfAborted();
    effects.onStep(step);
    warnings.push(...(await doStep(admin, step, effects)));
  }
  effects.signal.throwIfAborted();
  return warnings;
}

async function doStep(admin: Admin, { work }: Step, effects: PlanEffects): Promise<readonly string[]> {
  const { client, kept } = admin;
  switch (work.kind) {
    case 'put-provider':
      await putCredential(client, work.credential);
      return [];
    case 'put-alias':
      await putAlias(client, work.alias);
      return [];
    case 'put-fallbacks':
      await putFallbacks(client, work.alias, work.models);
      return [];
    case 'put-key': {
      const { key, warnings } = await provisionKey(admin, work.wish);
      effects.onKey(key);
      return warnings;
    }
    case 'write-env': {
      const key = await kept.read(work.alias);
      if (key) {
        effects.onKey(key);
        await effects.writeEnv(work.env, key);
      }
      return [];
    }
    case 'remove-key':
      await deleteKey(client, work.token);
      await kept.remove(work.alias);
      return [];
    case 'remove-rows':
      for (const id of work.ids) await deleteRow(client, id);
      return [];
    case 'remove-provider':
      await removeCredential(client, work.name, true);
      return [];
  }
}
