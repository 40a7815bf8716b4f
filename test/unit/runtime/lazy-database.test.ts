import { expect, it } from 'vitest';
import { lazyDatabase } from '../../../src/runtime/lazy-database.ts';
import { fakeRuntime } from '../../support/fake-runtime.ts';

it('passes on all arguments', async () => {
  const calls: unknown[] = [];
  const dump = async (...given: unknown[]) => void calls.push(given);
  await lazyDatabase(async () => fakeRuntime({ database: { dump } }).database).dump('/b/x.dump', ['"A"*']);
  expect(calls).toEqual([['/b/x.dump', ['"A"*']]]);
});
