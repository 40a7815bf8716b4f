import type { ErrorRegistry } from '@prisma/driver-adapter-utils';

/** What the adapter threw, which the engine names by number. */
export interface RecentErrors {
  /** The error of that number, which is forgotten then. */
  take(id: number): unknown;
}

const KEPT = 200;

/** In place of the adapter's own registry, which keeps every error for good and looks through them all for each new one. */
export function keepRecentErrors(registry: ErrorRegistry): RecentErrors {
  const errors = new Map<number, unknown>();
  let next = 0;
  Object.assign(registry, {
    registerNewError(error: unknown): number {
      errors.set(next, error);
      errors.delete(next - KEPT);
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
