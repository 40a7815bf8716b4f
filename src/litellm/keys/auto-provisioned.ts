/** What was done to return the key. */
export type KeyChange = 'created' | 'updated' | 'unchanged' | 'rotated';

export interface AutoProvisionOptions {
  /** Read and modified. Default: `process.env`. */
  readonly env?: Record<string, string | undefined>;
  /** Milliseconds to wait for a gateway that is still starting. Default: 60 000. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

/** Nothing, for the given reason, or a key that is now in `OPENAI_API_KEY`. */
export type AutoProvisioned =
  | { readonly provisioned: false; readonly reason: string }
  | {
      readonly provisioned: true;
      readonly alias: string;
      readonly baseUrl: string;
      readonly change: KeyChange;
      /** Null if it never expires. */
      readonly expires: Date | null;
      /** The aliases of deleted keys of earlier processes. */
      readonly removed: readonly string[];
      readonly warnings: readonly string[];
      /** Restarts the key's lifetime; the key stays the same. Resolves with the new expiry; rejects with `CliError`. */
      readonly renew: () => Promise<Date | null>;
    };
