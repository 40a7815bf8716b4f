import { PrismaPg } from '@prisma/adapter-pg';
import { bindAdapter } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { expect, it } from 'vitest';
import { keepRecentErrors } from '../../../../../src/runtime/native/prisma/recent-errors.ts';

const adapter = () => bindAdapter(new PrismaPg(new pg.Pool({ connectionString: 'postgresql://127.0.0.1:1/x' })));

it('keeps an error of the adapter only until it is taken', async () => {
  const bound = adapter();
  const errors = keepRecentErrors(bound.errorRegistry);
  const failed = await bound.queryRaw({ sql: 'select 1', args: [], argTypes: [] });
  if (failed.ok || failed.error.kind !== 'GenericJs') throw new Error('it was to fail with an error of the driver');
  expect(errors.take(failed.error.id)).toMatchObject({ code: 'ECONNREFUSED' });
  expect(errors.take(failed.error.id)).toBeUndefined();
});

it('forgets the oldest of many errors, so that an outage needs little memory', () => {
  const { errorRegistry } = adapter();
  const errors = keepRecentErrors(errorRegistry);
  const { registerNewError } = errorRegistry as unknown as { registerNewError(error: unknown): number };
  const ids = Array.from({ length: 300 }, (_, i) => registerNewError(`error ${i}`));
  expect(new Set(ids).size).toBe(300);
  expect([errors.take(ids[99] ?? -1), errors.take(ids[100] ?? -1), errors.take(ids[299] ?? -1)]).toEqual([
    undefined,
    'error 100',
    'error 299',
  ]);
});
