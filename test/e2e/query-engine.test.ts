import { describe, expect, it } from 'vitest';
import { createAuthor } from './support/query-engine.ts';
import { useRunningEngine } from './support/running-engine.ts';
import { describeOn, onNative } from './support/stack-under-test.ts';

describeOn(onNative)('the query engine', () => {
  const running = useRunningEngine();
  const { result, failure, names } = running;

  describe('writes and reads', () => {
    it('creates, finds, updates and deletes one row', async () => {
      const made = await result(
        'mutation { result: createOneAuthor(data: { name: "a", mood: "CROSS", books: { create: [{ title: "t", pages: 3 }] } }) { id name mood notes made_at books { id title pages author_id } } }',
      );
      expect(made).toEqual({
        id: 1,
        name: 'a',
        mood: 'CROSS',
        notes: null,
        made_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        books: [{ id: 1, title: 't', pages: 3, author_id: 1 }],
      });
      expect(Math.abs(Date.parse(made.made_at) - Date.now())).toBeLessThan(60_000);
      const find = 'query { result: findUniqueAuthor(where: { id: 1 }) { name mood } }';
      expect(await result(find)).toEqual({ name: 'a', mood: 'CROSS' });
      await result(
        'mutation { result: updateOneAuthor(where: { name: "a" }, data: { mood: { set: "CALM" } }) { id } }',
      );
      expect(await result(find)).toEqual({ name: 'a', mood: 'CALM' });
      expect(await result('mutation { result: deleteOneAuthor(where: { id: 1 }) { name } }')).toEqual({ name: 'a' });
      expect(await result(find)).toBeNull();
      expect(await running.bed.db.sql('select author_id from "Book"')).toEqual([{ author_id: null }]);
    });

    it('creates or updates one row with upsert', async () => {
      const upsert =
        'mutation { result: upsertOneAuthor(where: { name: "a" }, create: { name: "a", notes: "[1]" }, update: { notes: "[2]" }) { id notes } }';
      expect(await result(upsert)).toEqual({ id: 1, notes: '[1]' });
      expect(await result(upsert)).toEqual({ id: 1, notes: '[2]' });
    });

    it('creates, updates, deletes and counts many rows', async () => {
      const many =
        'mutation { result: createManyAuthor(data: [{ name: "a" }, { name: "b" }, { name: "c" }], skipDuplicates: true) { count } }';
      expect(await result(many)).toEqual({ count: 3 });
      expect(await result(many)).toEqual({ count: 0 });
      expect(
        await result(
          'mutation { result: updateManyAuthor(where: { name: { in: ["a", "b"] } }, data: { mood: "CROSS" }) { count } }',
        ),
      ).toEqual({ count: 2 });
      expect(
        await result('mutation { result: deleteManyAuthor(where: { NOT: { mood: "CROSS" } }) { count } }'),
      ).toEqual({
        count: 1,
      });
      expect(await names()).toEqual(['a', 'b']);
    });

    it('finds many rows with filters, order, pages and relations', async () => {
      for (const name of ['a', 'b', 'c', 'd'])
        await result(createAuthor(name, `, books: { create: [{ title: "1${name}" }, { title: "2${name}" }] }`));
      expect(
        await result(
          'query { result: findManyAuthor(where: { OR: [{ name: "d" }, { id: { lt: 3 } }] }, orderBy: [{ name: "desc" }], skip: 1, take: 2) { name books(where: { title: { startsWith: "2" } }) { title author { name } } } }',
        ),
      ).toEqual([
        { name: 'b', books: [{ title: '2b', author: { name: 'b' } }] },
        { name: 'a', books: [{ title: '2a', author: { name: 'a' } }] },
      ]);
      expect(
        await result('query { result: findManyAuthor(where: { books: { some: { title: "1c" } } }) { name } }'),
      ).toEqual([{ name: 'c' }]);
      expect(
        await result('query { result: findFirstAuthor(cursor: { id: 2 }, skip: 1, orderBy: [{ id: "asc" }]) { id } }'),
      ).toEqual({ id: 3 });
    });

    it('aggregates and groups', async () => {
      await result(
        'mutation { result: createManyEverything(data: [{ id: "a", text: "x", number: 1, real: 1.5, big: 9007199254740993, exact: "0.1" }, { id: "b", text: "x", number: 2, real: 2, big: 1, exact: "0.2" }, { id: "c", text: "y" }]) { count } }',
      );
      expect(
        await result(
          'query { result: aggregateEverything { _count { _all number } _sum { number real big exact } _avg { number } _min { id } _max { big } } }',
        ),
      ).toEqual({
        _count: { _all: 3, number: 2 },
        _sum: { number: 3, real: 3.5, big: '9007199254740994', exact: '0.3' },
        _avg: { number: 1.5 },
        _min: { id: 'a' },
        _max: { big: '9007199254740993' },
      });
      expect(
        await result(
          'query { result: groupByEverything(by: ["text"], orderBy: [{ text: "asc" }], having: { number: { _sum: { gt: 0 } } }) { text _count { _all } _sum { number } } }',
        ),
      ).toEqual([{ text: 'x', _count: { _all: 2 }, _sum: { number: 3 } }]);
    });

    it('runs several queries in one request, in a transaction on request', async () => {
      const [good, bad] = [createAuthor('a'), createAuthor('a')];
      const apart = await running.engine.batch([good, bad, createAuthor('b')], false);
      expect(apart.batchResult.map((one: { errors?: unknown[] }) => one.errors?.length ?? 0)).toEqual([0, 1, 0]);
      expect(await names()).toEqual(['a', 'b']);
      const together = await running.engine.batch([createAuthor('c'), bad], true);
      expect(together.errors[0].user_facing_error).toMatchObject({ error_code: 'P2002', batch_request_idx: 1 });
      expect(await names()).toEqual(['a', 'b']);
      const fine = await running.engine.batch([createAuthor('c'), 'query { result: findManyAuthor { name } }'], true);
      expect(fine.batchResult[1].data.result).toHaveLength(3);
    });
  });

  describe('refuses', () => {
    it('a duplicate of a unique value: P2002, with the fields', async () => {
      await result(createAuthor('a'));
      expect(await failure(createAuthor('a'))).toMatchObject({ error_code: 'P2002', meta: { target: ['name'] } });
    });

    it.each([
      'mutation { result: updateOneAuthor(where: { name: "z" }, data: { mood: "CROSS" }) { id } }',
      'mutation { result: deleteOneAuthor(where: { name: "z" }) { id } }',
      'query { result: findUniqueAuthorOrThrow(where: { name: "z" }) { id } }',
      'query { result: findFirstAuthorOrThrow(where: { name: "z" }) { id } }',
    ])('a missing row: P2025 of %s', async (query) => {
      expect(await failure(query)).toMatchObject({ error_code: 'P2025', meta: { cause: expect.any(String) } });
    });

    it('a missing relation: P2003', async () => {
      const book = 'mutation { result: createOneBook(data: { title: "t", author_id: 999 }) { id } }';
      expect(await failure(book)).toMatchObject({ error_code: 'P2003' });
    });

    it('a field, an argument or a value that is not in the schema: P2009', async () => {
      for (const query of [
        'query { result: findManyAuthor { nope } }',
        'query { result: findManyAuthor(where: { nope: 1 }) { id } }',
        'mutation { result: createOneAuthor(data: { name: 5 }) { id } }',
        'query { result: findManyAuthor { id }',
      ])
        expect(await failure(query)).toMatchObject({ error_code: 'P2009' });
    });

    it('a missing value with the message that clients search for', async () => {
      const { message } = await failure('mutation { result: createOneAuthor(data: { mood: "CALM" }) { id } }');
      expect(message).toContain('A value is required but not set');
    });

    it('a text that PostgreSQL cannot store, and continues', async () => {
      expect(await failure(createAuthor('a\u0000b'))).toMatchObject({ is_panic: false });
      expect(await names()).toEqual([]);
    });
  });
});
