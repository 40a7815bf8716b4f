import type { ErrorRegistry } from '@prisma/driver-adapter-utils';

/** Errors that the adapter threw, which the engine refers to by number. */
export interface RecentErrors {
  /** Returns and removes the error of a number. */
  take(id: number): unknown;
}

const MOST_KEPT = 200;

/** Replaces the adapter's own registry, which keeps every error for ever and searches all of them for each new one. */
export function keepRecentErrors(registry: ErrorRegistry): RecentErrors {
  const errors = new Map<number, unknown>();
  let next = 0;
  Object.assign(registry, {
    registerNewError(error: unknown): number {
      errors.set(next, error);
      errors.delete(next - MOST_KEPT);
      next += 1;
      return next - 1;
    },
  });
  return {
    take(id) {
      const error = errors.get(id);
      errors.delete(id);
      return error;
    },
  };
}
