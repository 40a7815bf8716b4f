import type { Secret } from '../../model/secret.ts';
import type { KeyChange } from './auto-provisioned.ts';

export const DEFAULT_MODELS: readonly string[] = ['gpt-5'];
export const DEFAULT_DURATION = '30d';

/** A wanted virtual key. Fields that are not named stay as they are. */
export interface KeyWish {
  readonly alias: string;
  readonly models?: readonly string[] | undefined;
  /** For a key that does not exist yet, where `models` names none. */
  readonly modelsIfNew?: readonly string[];
  /** In LiteLLM's format: `30d`. */
  readonly duration?: string | undefined;
  /** US dollars. */
  readonly maxBudget?: number | undefined;
  /** After how long the spent budget is reset, in LiteLLM's format: `30d`. */
  readonly budgetDuration?: string | undefined;
  /** Requests per minute. */
  readonly rpmLimit?: number | undefined;
  /** Tokens per minute. */
  readonly tpmLimit?: number | undefined;
  readonly teamId?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly rotate?: boolean;
  readonly force?: boolean;
  readonly allowMissingModels?: boolean;
  /** Remove limits that are not named. */
  readonly exact?: boolean;
}

/** A wish with the fields that every key has. */
export interface WholeKeyWish extends KeyWish {
  readonly models: readonly string[];
  readonly duration: string;
}

export interface ProvisionedKey {
  readonly alias: string;
  readonly key: Secret;
  readonly change: KeyChange;
  /** RFC 3339, or null if it never expires. */
  readonly expires: string | null;
  readonly models: readonly string[];
  readonly duration: string;
  /** For OpenAI clients: ends in `/v1`. */
  readonly baseUrl: string;
  readonly warnings: readonly string[];
}
