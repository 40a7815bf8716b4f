import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json, QUOTES, type QueryEngine, rawArguments, startQueryEngine, text } from './support/query-engine.ts';
import { useRunningEngine } from './support/running-engine.ts';
import { describeOn, onNative } from './support/stack-under-test.ts';

describeOn(onNative)('the values of the query engine', () => {
  const running = useRunningEngine();
  const { result, failure, names } = running;
  let columns: QueryEngine;

  beforeAll(async () => {
    columns = await startQueryEngine(running.bed.db.url, { rows: 'columns' });
  });

  afterAll(() => columns?.stop());

  describe('keeps values of each type', () => {
    const everything =
      'text number big real exact flag moment data bytes texts numbers bigs reals exacts flags moments documents blobs';
    const find = `query { result: findUniqueEverything(where: { id: "a" }) { ${everything} } }`;
    const keep = (data: string) =>
      `mutation { result: createOneEverything(data: { id: "a", ${data} }) { ${everything} } }`;

    it('at their limits', async () => {
      const document = { [QUOTES]: [1.5, null, true, { a: QUOTES }] };
      const kept = {
        text: QUOTES,
        number: -2_147_483_648,
        big: '-9223372036854775808',
        real: 1.234_567_890_123_456e300,
        exact: '1234567890123456789012345.123456789012345',
        flag: false,
        moment: '2026-02-28T23:59:59.999Z',
        data: expect.any(String),
        bytes: 'AP/+Jw==',
        texts: [QUOTES, '', 'null', '{a,b}'],
        numbers: [2_147_483_647, -1],
        bigs: ['9223372036854775807', '0'],
        reals: [0.1, -5e-324],
        exacts: ['0.1', '-12345678901234567890.5'],
        flags: [true, false],
        moments: ['2026-01-01T00:00:00.001Z'],
        documents: ['1', '"x"', '{"a":[]}'],
        blobs: ['', 'AAEC'],
      };
      const made = await result(
        keep(`text: ${text(QUOTES)}, number: -2147483648, big: -9223372036854775808, real: 1.234567890123456e300,
          exact: "1234567890123456789012345.123456789012345", flag: false, moment: "2026-03-01T01:59:59.999+02:00",
          data: ${json(document)}, bytes: "AP/+Jw==", texts: [${kept.texts.map(text)}], numbers: [2147483647, -1],
          bigs: [9223372036854775807, 0], reals: [0.1, -5e-324], exacts: ["0.1", "-12345678901234567890.5"],
          flags: [true, false], moments: ["2026-01-01T00:00:00.001+00:00"], documents: ["1", "\\"x\\"", "{\\"a\\":[]}"],
          blobs: ["", "AAEC"]`),
      );
      expect(made).toEqual(kept);
      expect(await result(find)).toEqual(kept);
      expect(JSON.parse(made.data)).toEqual(document);
      const [row] = await running.bed.db.sql('select text, data, bytes, big::text, exact::text from "Everything"');
      expect(row).toEqual({
        text: QUOTES,
        data: document,
        bytes: Buffer.from([0, 255, 254, 39]),
        big: kept.big,
        exact: kept.exact,
      });
    });

    it('that are null', async () => {
      const empty = {
        ...{ text: null, number: null, big: null, real: null, exact: null, flag: null, moment: null, data: null },
        ...{ bytes: null, texts: [], numbers: [], bigs: [], reals: [], exacts: [], flags: [], moments: [] },
        ...{ documents: [], blobs: [] },
      };
      expect(await result(keep('text: null, number: null, texts: []'))).toEqual(empty);
      expect(await result(find)).toEqual(empty);
    });

    it('with JSON null distinct from a missing value', async () => {
      expect(await result(keep('data: "null"'))).toMatchObject({ data: 'null' });
      expect(await running.bed.db.sql(`select data is null as none from "Everything"`)).toEqual([{ none: false }]);
    });

    it('and finds rows by them', async () => {
      await result(
        keep(
          `text: ${text(QUOTES)}, data: ${json({ a: { b: QUOTES } })}, big: 9007199254740993, bytes: "AAEC", texts: ["x"], moment: "2026-01-01T00:00:00.001Z", exact: "0.1"`,
        ),
      );
      for (const where of [
        `text: ${text(QUOTES)}`,
        `text: { contains: "\\"double\\"" }`,
        `data: { equals: ${json({ a: { b: QUOTES } })} }`,
        `data: { path: ["a", "b"], equals: ${json(QUOTES)} }`,
        `data: { path: ["a", "b"], string_contains: "'single'" }`,
        'big: 9007199254740993',
        'big: { gt: 9007199254740992 }',
        'bytes: "AAEC"',
        'texts: { has: "x" }',
        'moment: { lte: "2026-01-01T00:00:00.001Z" }',
        'exact: "0.1"',
      ]) {
        const query = `query { result: findManyEverything(where: { ${where} }) { id } }`;
        expect([where, await result(query)]).toEqual([where, [{ id: 'a' }]]);
      }
      expect(await result('query { result: findManyEverything(where: { big: 9007199254740992 }) { id } }')).toEqual([]);
    });

    it('and updates them in place', async () => {
      await result(keep('number: 1, big: 9007199254740993, texts: ["a"], documents: ["1"]'));
      await result(
        'mutation { result: updateOneEverything(where: { id: "a" }, data: { number: { increment: 2 }, big: { increment: 1 }, texts: { push: ["b"] }, documents: { set: ["{}"] }, data: "{}" }) { id } }',
      );
      expect(await result(find)).toMatchObject({
        number: 3,
        big: '9007199254740994',
        texts: ['a', 'b'],
        documents: ['{}'],
        data: '{}',
      });
    });

    it('of a megabyte', async () => {
      const large = 'é'.repeat(500_000);
      await result(keep(`text: ${text(large)}`));
      expect((await result(find)).text).toBe(large);
    });
  });

  describe('raw queries', () => {
    const select = `select 1 as int, 9007199254740993::bigint as big, 1.50::numeric as exact, 0.5::float8 as real,
      true as flag, '{"a":[1]}'::jsonb as data, '\\x00ff'::bytea as bytes, null as nothing, 'x'::text as text,
      '2026-01-01'::date as day, '2026-01-01 00:00:00.5'::timestamp as moment,
      '2026-01-01 02:00:00+02'::timestamptz as zoned, '00000000-0000-0000-0000-000000000001'::uuid as id,
      array[1, 2] as numbers, array['a', null]::text[] as texts, 'CALM'::"Mood" as mood, 'pg_class'::regclass as class,
      'c'::"char" as letter, array['a', 'b']::"char"[] as letters, 'n'::name as name, 7::oid as oid,
      array['2026-01-01 02:00:00.5+02', null]::timestamptz[] as zones`;

    it('return rows as objects with typed values', async () => {
      const [row] = await result(`mutation { result: queryRaw${rawArguments(select)} }`);
      const typed = (type: string, value: unknown) => ({ prisma__type: type, prisma__value: value });
      expect(row).toEqual({
        int: typed('int', 1),
        big: typed('bigint', '9007199254740993'),
        exact: typed('decimal', '1.5'),
        real: typed('double', 0.5),
        flag: typed('bool', true),
        data: typed('json', { a: [1] }),
        bytes: typed('bytes', 'AP8='),
        nothing: typed('null', null),
        text: typed('string', 'x'),
        day: typed('date', '2026-01-01'),
        moment: typed('datetime', '2026-01-01T00:00:00.500+00:00'),
        zoned: typed('datetime', '2026-01-01T00:00:00+00:00'),
        id: typed('uuid', '00000000-0000-0000-0000-000000000001'),
        numbers: typed('array', [typed('int', 1), typed('int', 2)]),
        texts: typed('array', [typed('string', 'a'), typed('null', null)]),
        mood: typed('string', 'CALM'),
        class: typed('string', 'pg_class'),
        letter: typed('string', 'c'),
        letters: typed('array', [typed('string', 'a'), typed('string', 'b')]),
        name: typed('string', 'n'),
        oid: typed('bigint', '7'),
        zones: typed('array', [typed('datetime', '2026-01-01T00:00:00.500+00:00'), typed('null', null)]),
      });
    });

    it('return rows as columns and lists on request', async () => {
      const query = `mutation { result: queryRaw${rawArguments('select 1 as a, array[$1::text] as b, null::bigint as c', QUOTES)} }`;
      expect((await columns.query(query)).data.result).toEqual({
        columns: ['a', 'b', 'c'],
        types: ['int', 'string-array', 'bigint'],
        rows: [[1, [QUOTES], null]],
      });
    });

    it('accept parameters of each type and never run text as SQL', async () => {
      const sql =
        'select $1::text as a, $2::int as b, $3::bigint as c, $4::jsonb as d, $5::bool as e, $6::text as f, $7::float8 as g';
      const parameters = `[${json(QUOTES).slice(1, -1)}, 1, 9007199254740993, ${json('{"x":1}').slice(1, -1)}, false, null, 0.5]`;
      const [row] = await result(`mutation { result: queryRaw(query: ${text(sql)}, parameters: "${parameters}") }`);
      const values = Object.values(row as Record<string, { prisma__value: unknown }>).map((one) => one.prisma__value);
      expect(values).toEqual([QUOTES, 1, '9007199254740993', { x: 1 }, false, null, 0.5]);
    });

    it('that execute return the number of rows in both forms', async () => {
      const insert = `mutation { result: executeRaw${rawArguments('insert into authors(name) select $1 || i from generate_series(1, 3) i', QUOTES)} }`;
      expect(await result(insert)).toBe(3);
      const remove = `mutation { result: executeRaw${rawArguments('delete from authors where name = $1', `${QUOTES}2`)} }`;
      expect((await columns.query(remove)).data.result).toBe(1);
      expect(await names()).toEqual([`${QUOTES}1`, `${QUOTES}3`]);
    });

    it('without rows return an empty result', async () => {
      expect(await result(`mutation { result: queryRaw${rawArguments('select 1 where false')} }`)).toEqual([]);
    });

    it.each([
      ['selec 1', '42601', 'syntax error at or near "selec"'],
      ['select * from nothing', '42P01', 'relation "nothing" does not exist'],
      ['select nope from authors', '42703', 'column "nope" does not exist'],
      ['select 1/0', '22012', 'division by zero'],
      [`select 'x'::int`, '22P02', 'invalid input syntax for type integer: "x"'],
      ['insert into authors(name) values (null)', '23502', 'null'],
      [`insert into "Book"(title, author_id) values ('t', 9)`, '23503', 'Book_author_id_fkey'],
    ])('that PostgreSQL rejects return the reason: %s', async (sql, code, message) => {
      const error = await failure(`mutation { result: queryRaw${rawArguments(sql)} }`);
      expect(error).toMatchObject({ is_panic: false, error_code: 'P2010', meta: { code } });
      expect(error.meta.message).toContain(message);
    });
  });
});
