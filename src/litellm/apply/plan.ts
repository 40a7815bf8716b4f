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
  /** What makes a first call fail, though LiteLLM takes it. */
  readonly warnings: readonly string[];
  readonly providers: readonly WantedProvider[];
  readonly aliases: readonly Alias[];
  /** Of the aliases for which the file names some, or none on purpose. */
  readonly fallbacks: readonly { readonly alias: string; readonly models: readonly string[] }[];
  readonly keys: readonly WantedKey[];
}

/** What there is, at one moment. */
export interface Seen {
  readonly credentials: readonly CredentialRow[];
  readonly models: readonly ModelRow[];
  readonly served: readonly string[];
  readonly fallbacks: Fallbacks;
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
  /** What needs separate approval, in sentences. */
  readonly risks: readonly string[];
}
