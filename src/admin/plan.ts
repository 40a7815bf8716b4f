import type { Alias } from './aliases.ts';
import type { Credential, CredentialItem } from './credential-item.ts';
import type { WholeKeyWish } from './key-wish.ts';
import { movedKeys } from './moved-keys.ts';
import { planAlias } from './plan-alias.ts';
import { planKey } from './plan-key.ts';
import { planProvider } from './plan-provider.ts';
import { planRemovals, removedModels } from './plan-removals.ts';
import type { CredentialRow, KeyRow, ModelRow } from './schemas.ts';

/** A provider with all of its secrets. */
export interface ReadyProvider {
  readonly credential: Credential;
  readonly item: CredentialItem;
}

/** Why a provider's secrets are not there. */
export interface MissingSecret {
  readonly variable: string;
  readonly lack: string;
}

export interface WantedProvider {
  readonly name: string;
  readonly provider: string;
  /** What is no secret. */
  readonly values: Readonly<Record<string, string>>;
  /** The variables that hold its secrets. */
  readonly variables: readonly string[];
  readonly state: ReadyProvider | MissingSecret;
}

export interface WantedEnv {
  readonly path: string;
  /** Out of which no link may lead. */
  readonly folder: string;
  /** As the file names it. */
  readonly shown: string;
  readonly keyVariable: string;
  readonly urlVariable: string;
}

export interface WantedKey {
  readonly wish: WholeKeyWish;
  readonly env: WantedEnv | undefined;
}

/** What a file asks for. */
export interface Wanted {
  /** By which the entries made from that file are known. */
  readonly file: string;
  readonly providers: readonly WantedProvider[];
  readonly aliases: readonly Alias[];
  readonly keys: readonly WantedKey[];
}

/** What there is, at one moment. */
export interface Seen {
  readonly credentials: readonly CredentialRow[];
  readonly models: readonly ModelRow[];
  readonly served: readonly string[];
  readonly keys: readonly KeyRow[];
  /** The hashes of the keys that are kept here, by their aliases. */
  readonly kept: ReadonlyMap<string, string>;
  /** By the alias of a key: whether its dotenv file says what it is to say. */
  readonly envFiles: ReadonlyMap<string, 'same' | 'differs' | 'none'>;
  readonly host: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type Work =
  | { readonly kind: 'put-provider'; readonly credential: Credential }
  | { readonly kind: 'put-alias'; readonly alias: Alias }
  | { readonly kind: 'put-key'; readonly wish: WholeKeyWish }
  | { readonly kind: 'write-env'; readonly alias: string; readonly env: WantedEnv }
  | { readonly kind: 'remove-key'; readonly alias: string; readonly token: string }
  | { readonly kind: 'remove-rows'; readonly ids: readonly string[] }
  | { readonly kind: 'remove-provider'; readonly name: string };

export interface Step {
  readonly action: 'create' | 'update' | 'remove';
  readonly kind: 'provider' | 'alias' | 'key' | 'env';
  readonly name: string;
  /** What it is made with, or what changes. */
  readonly changes: readonly string[];
  readonly work: Work;
}

export interface Plan {
  /** In the order in which they are to be done. */
  readonly steps: readonly Step[];
  readonly warnings: readonly string[];
}

export interface WholePlan extends Plan {
  /** What needs a yes of its own, in sentences. */
  readonly risks: readonly string[];
}

export interface PlanOptions {
  /** Remove what was made from this file and is no longer in it. */
  readonly prune: boolean;
  /** Make one row of several by an alias's name. */
  readonly force: boolean;
}

function servedAfterwards(wanted: Wanted, seen: Seen, { prune }: PlanOptions): readonly string[] {
  const removed = new Set(prune ? removedModels(wanted, seen) : []);
  const stays = new Set(seen.models.filter((row) => !removed.has(row)).map((row) => row.model_name));
  const gone = new Set([...removed].map((row) => row.model_name).filter((name) => !stays.has(name)));
  return seen.served.filter((name) => !gone.has(name));
}

/** What makes LiteLLM match the file. Throws, before anything is changed, for what cannot be done. */
export function planChanges(wanted: Wanted, seen: Seen, options: PlanOptions): WholePlan {
  const afterwards = { ...seen, served: servedAfterwards(wanted, seen, options) };
  const plans = [
    ...wanted.providers.map((provider) => planProvider(provider, seen)),
    ...wanted.aliases.map((alias) => planAlias(alias, wanted, seen, options.force)),
    ...wanted.keys.map((key) => planKey(key, wanted, afterwards)),
    planRemovals(wanted, seen, options.prune),
  ];
  const steps = plans.flatMap((plan) => plan.steps);
  return { steps, warnings: plans.flatMap(({ warnings }) => warnings), risks: movedKeys(steps, seen) };
}
