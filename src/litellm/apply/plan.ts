import type { Alias } from '../admin/aliases.ts';
import type { Credential, CredentialItem } from '../admin/credential-item.ts';
import type { CredentialRow, KeyRow, ModelRow } from '../admin/schemas.ts';
import type { Fallbacks } from '../aliases/fallbacks.ts';
import type { WholeKeyWish } from '../keys/key-wish.ts';

/** A provider with all of its secrets. */
export interface ReadyProvider {
  readonly credential: Credential;
  readonly item: CredentialItem;
}

/** Why a provider's secrets are missing. */
export interface MissingSecret {
  readonly variable: string;
  readonly lack: string;
}

export interface WantedProvider {
  readonly name: string;
  readonly provider: string;
  /** Settings that are not secret. */
  readonly values: Readonly<Record<string, string>>;
  /** The variables that hold its secrets. */
  readonly variables: readonly string[];
  readonly state: ReadyProvider | MissingSecret;
}

export interface WantedEnv {
  readonly path: string;
  /** The folder that the file must be inside, even through links. */
  readonly folder: string;
  /** The path as written in agents-llm.yaml. */
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
  /** Marks the entries that were created from that file. */
  readonly file: string;
  /** Settings that LiteLLM accepts but that make the first call fail. */
  readonly warnings: readonly string[];
  readonly providers: readonly WantedProvider[];
  readonly aliases: readonly Alias[];
  /** Only for aliases whose fallbacks the file mentions; an empty list removes them. */
  readonly fallbacks: readonly { readonly alias: string; readonly models: readonly string[] }[];
  readonly keys: readonly WantedKey[];
}

/** The current state. */
export interface Seen {
  readonly credentials: readonly CredentialRow[];
  readonly models: readonly ModelRow[];
  readonly served: readonly string[];
  readonly fallbacks: Fallbacks;
  readonly keys: readonly KeyRow[];
  /** The hashes of the saved virtual keys, by alias. */
  readonly kept: ReadonlyMap<string, string>;
  /** By alias of a key: whether its dotenv file is up to date. */
  readonly envFiles: ReadonlyMap<string, 'same' | 'differs' | 'none'>;
  readonly host: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type Work =
  | { readonly kind: 'put-provider'; readonly credential: Credential }
  | { readonly kind: 'put-alias'; readonly alias: Alias }
  | { readonly kind: 'put-fallbacks'; readonly alias: string; readonly models: readonly string[] }
  | { readonly kind: 'put-key'; readonly wish: WholeKeyWish }
  | { readonly kind: 'write-env'; readonly alias: string; readonly env: WantedEnv }
  | { readonly kind: 'remove-key'; readonly alias: string; readonly token: string }
  | { readonly kind: 'remove-rows'; readonly ids: readonly string[] }
  | { readonly kind: 'remove-provider'; readonly name: string };

export interface Step {
  readonly action: 'create' | 'update' | 'remove';
  readonly kind: 'provider' | 'alias' | 'fallbacks' | 'key' | 'env';
  readonly name: string;
  /** The initial values, or what changes. */
  readonly changes: readonly string[];
  readonly work: Work;
}

export interface Plan {
  /** In the order in which they are carried out. */
  readonly steps: readonly Step[];
  readonly warnings: readonly string[];
}

export interface WholePlan extends Plan {
  /** What needs separate approval, in sentences. */
  readonly risks: readonly string[];
}
