import { describe, expect, it } from 'vitest';
import { createAuthor, rawArguments } from './support/query-engine.ts';
import { useRunningEngine } from './support/running-engine.ts';
import { describeOn, onNative } from './support/stack-under-test.ts';

describeOn(onNative)('transactions of the query engine', () => {
  const running = useRunningEngine();
  const { result, failure, names } = running;

  describe('a transaction', () => {
    const end = (id: string, how: 'commit' | 'rollback') => running.engine.request('POST', `/transaction/${id}/${how}`);

    it('is visible to others after its commit', async () => {
      const id = await running.engine.begin();
      await result(createAuthor('a'), id);
      expect(await result('query { result: findManyAuthor { name } }', id)).toEqual([{ name: 'a' }]);
      expect(await names()).toEqual([]);
      expect(await end(id, 'commit')).toEqual({ status: 200, body: {} });
      expect(await names()).toEqual(['a']);
    });

    it('is never visible after a rollback', async () => {
      const id = await running.engine.begin();
      await result(createAuthor('a'), id);
      expect(await end(id, 'rollback')).toEqual({ status: 200, body: {} });
      expect(await names()).toEqual([]);
    });

    it('has the requested isolation level', async () => {
      const id = await running.engine.begin({ timeout: 5000, max_wait: 2000, isolation_level: 'Serializable' });
      const [row] = await result(`mutation { result: queryRaw${rawArguments('show transaction_isolation')} }`, id);
      expect(row.transaction_isolation.prisma__value).toBe('serializable');
      await end(id, 'rollback');
    });

    it('is rolled back when it has expired, and its commit fails', async () => {
      const id = await running.engine.begin({ timeout: 3000, max_wait: 2000 });
      await result(createAuthor('a'), id);
      await expect.poll(openTransactions).toBe(0);
      const late = await running.engine.query(createAuthor('b'), id);
      expect(late.errors[0].user_facing_error.error_code).toBe('P2028');
      // The Python client knows it by this.
      expect(late.errors[0].error).toMatch(/^Transaction already closed/);
      const committed = await end(id, 'commit');
      expect([committed.status, committed.body.error_code]).toEqual([422, 'P2028']);
      expect(await names()).toEqual([]);
    });

    it('cannot be ended twice', async () => {
      const id = await running.engine.begin();
      expect((await end(id, 'commit')).status).toBe(200);
      expect((await end(id, 'commit')).status).toBe(422);
      expect((await end(id, 'rollback')).status).toBe(422);
    });

    it.each(['cmwvbwb700000vatyxqto6ta3', 'nope'])('is not found if it never existed: %s', async (id) => {
      expect((await end(id, 'commit')).status).toBe(404);
      expect(await failure('query { result: findManyAuthor { id } }', id)).toMatchObject({ error_code: 'P2028' });
      expect((await running.engine.request('GET', '/status')).status).toBe(200);
    });

    it('can be rolled back after an error', async () => {
      await result(createAuthor('a'));
      const id = await running.engine.begin();
      expect(await failure(createAuthor('a'), id)).toMatchObject({ error_code: 'P2002' });
      await end(id, 'rollback');
      expect(await names()).toEqual(['a']);
    });

    it('waits for a connection up to its time limit', async () => {
      const busy = await Promise.all(
        Array.from({ length: 10 }, () => running.engine.begin({ timeout: 20_000, max_wait: 2000 })),
      );
      const began = Date.now();
      const late = await running.engine.request('POST', '/transaction/start', { timeout: 1000, max_wait: 300 });
      expect([late.status, late.body.error_code]).toEqual([504, 'P2028']);
      expect(Date.now() - began).toBeLessThan(10_000);
      for (const id of busy) expect((await end(id, 'rollback')).status).toBe(200);
      await expect.poll(openTransactions).toBe(0);
      await result(createAuthor('a'));
    });

    async function openTransactions(): Promise<number> {
      const rows = await running.bed.db.sql(`select 1 from pg_stat_activity where state like 'idle in transaction%'`);
      return rows.length;
    }
  });
});
