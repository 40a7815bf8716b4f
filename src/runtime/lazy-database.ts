import type { Database } from './runtime.ts';

/** Loads the client of a database at the first call. */
export function lazyDatabase(load: () => Promise<Database>): Database {
  let loading: Promise<Database> | undefined;
  const database = () => (loading ??= load());
  return {
    sql: async (...call) => (await database()).sql(...call),
    administer: async (script) => (await database()).administer(script),
    dump: async (...given) => (await database()).dump(...given),
    isArchive: async (file) => (await database()).isArchive(file),
    restore: async (...call) => (await database()).restore(...call),
  };
}
