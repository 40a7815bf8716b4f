import { expect, test } from 'vitest';
import { runningDatabases } from '../../../../../src/runtime/native/postgres/postmaster-pid.ts';
import { fakeFiles } from '../../../../support/fake-files.ts';

const pidFile = (pid: number) => `${pid}\n/d\n1700000000\n5432\n/s\n127.0.0.1\n  123 456\nready   \n`;

test('finds the databases whose process still runs', async () => {
  const files = fakeFiles({
    '/data/a/pgdata/postmaster.pid': pidFile(11),
    '/data/b/pgdata/postmaster.pid': pidFile(12),
    '/data/c/pgdata/PG_VERSION': '16',
    '/data/d/pgdata/postmaster.pid': 'cut sh',
  });
  const processes = { identity: async (pid: number) => (pid === 11 ? 'start' : undefined) };
  expect(await runningDatabases('/data', files, processes)).toEqual(['/data/a']);
  expect(await runningDatabases('/none', files, processes)).toEqual([]);
});
