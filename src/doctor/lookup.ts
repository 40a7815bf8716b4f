import type { CheckId } from './check-id.ts';

/** Something that several checks need could not be looked up. Its owner alone reports why. */
export class LookupFailure extends Error {
  override readonly name = 'LookupFailure';
  readonly owner: CheckId;

  constructor(owner: CheckId, cause: unknown) {
    super(`See ${owner}`, { cause });
    this.owner = owner;
  }
}

export type Lookup<Value> = () => Promise<Value>;

/** Looked up once, at the first call. */
export function lookup<Value>(owner: CheckId, read: () => Promise<Value>): Lookup<Value> {
  let value: Promise<Value> | undefined;
  return () => {
    value ??= read().catch((error: unknown) => {
      throw error instanceof LookupFailure ? error : new LookupFailure(owner, error);
    });
    return value;
  };
}
