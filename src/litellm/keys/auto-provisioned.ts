/** How a key came to be: made, brought up to date, as it was, or put in the place of another. */
export type KeyChange = 'created' | 'updated' | 'unchanged' | 'rotated';

export interface AutoProvisionOptions {
  /** Read and written; `process.env` when left out. */
  readonly env?: Record<string, string | undefined>;
  /** Milliseconds to wait for a proxy that is still starting; 60 000 when left out. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

/** What was done: nothing, for the reason given, or a key that `OPENAI_API_KEY` now holds. */
export type AutoProvisioned =
  | { readonly provisioned: false; readonly reason: string }
  | {
      readonly provisioned: true;
      readonly alias: string;
      readonly baseUrl: string;
      readonly change: KeyChange;
      /** Null when it never expires. */
      readonly expires: Date | null;
      /** Aliases of keys of earlier processes that were deleted. */
      readonly removed: readonly string[];
      readonly warnings: readonly string[];
      /** Restarts the key's lifetime; the key stays the same. Gives the new end; throws `CliError`. */
      readonly renew: () => Promise<Date | null>;
    };
