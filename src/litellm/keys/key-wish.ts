import type { Secret } from '../../model/secret.ts';
import type { KeyChange } from './auto-provisioned.ts';

export const DEFAULT_MODELS: readonly string[] = ['gpt-5'];
export const DEFAULT_DURATION = '30d';

/** What a virtual key is to be; what is not named stays as the key has it. */
export interface KeyWish {
  readonly alias: string;
  readonly models?: readonly string[] | undefined;
  /** LiteLLM's grammar: `30d`. */
  readonly duration?: string | undefined;
  /** US dollars. */
  readonly maxBudget?: number | undefined;
  /** After how long the spent budget is reset, in LiteLLM's grammar: `30d`. */
  readonly budgetDuration?: string | undefined;
  /** Requests a minute. */
  readonly rpmLimit?: number | undefined;
  /** Tokens a minute. */
  readonly tpmLimit?: number | undefined;
  readonly teamId?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly rotate?: boolean;
  readonly force?: boolean;
  readonly allowMissingModels?: boolean;
  /** Limits that are not named are removed. */
  readonly exact?: boolean;
}

/** With what every key has. */
export interface WholeKeyWish extends KeyWish {
  readonly models: readonly string[];
  readonly duration: string;
}

export interface ProvisionedKey {
  readonly alias: string;
  readonly key: Secret;
  readonly change: KeyChange;
  /** RFC 3339, or null when it never expires. */
  readonly expires: string | null;
  readonly models: readonly string[];
  readonly duration: string;
  /** For clients of OpenAI: it ends in `/v1`. */
  readonly baseUrl: string;
  readonly warnings: readonly string[];
}
