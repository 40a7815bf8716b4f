import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { createEngineBed, type EngineBed } from './engine-bed.ts';
import { expectNoLeaks, snapshot } from './leaks.ts';
import { type QueryEngine, startQueryEngine } from './query-engine.ts';

export interface RunningEngine {
  readonly bed: EngineBed;
  readonly engine: QueryEngine;
  readonly result: QueryEngine['result'];
  readonly failure: QueryEngine['failure'];
  /** Of the authors, in the order in which they were made. */
  names(): Promise<unknown[]>;
}

/** For the tests of a `describe`: a query engine on a database of its own, whose tables are empty before each test. */
export function useRunningEngine(): RunningEngine {
  let bed: EngineBed;
  let engine: QueryEngine;
  let before: ReturnType<typeof snapshot>;

  beforeAll(async () => {
    before = snapshot();
    bed = await createEngineBed();
    expect(await bed.prisma(['migrate', 'deploy'])).toMatchObject({ code: 0 });
    engine = await startQueryEngine(bed.db.url);
  });

  beforeEach(() => bed.db.sql('truncate authors, "Book", "Everything" restart identity cascade'));

  afterAll(async () => {
    await engine?.stop();
    await bed?.dispose();
    expectNoLeaks(before);
  });

  return {
    get bed() {
      return bed;
    },
    get engine() {
      return engine;
    },
    result: (...call) => engine.result(...call),
    failure: (...call) => engine.failure(...call),
    names: async () => (await bed.db.sql('select name from authors order by id')).map(({ name }) => name),
  };
}
