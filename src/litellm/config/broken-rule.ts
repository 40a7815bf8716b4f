export interface BrokenRule {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Whether the rule is about the name of the entry rather than its value. */
  readonly ofName?: boolean;
  /** Whether the value is a secret. */
  readonly secret?: boolean;
}
