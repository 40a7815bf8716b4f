export interface BrokenRule {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** The rule is about the name of the entry and not about its value. */
  readonly ofName?: boolean;
  /** A secret stands there. */
  readonly secret?: boolean;
}
