import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { setTypeParsers, withKnownTypes } from '../../../../../src/runtime/native/prisma/column-types.ts';

const column = (dataTypeID: number) => ({ dataTypeID }) as pg.FieldDef;
const resultOf = (...oids: readonly number[]) => ({ fields: oids.map(column) }) as pg.QueryResult;
const oids = ({ fields }: pg.QueryResult) => fields.map(({ dataTypeID }) => dataTypeID);

describe('withKnownTypes', () => {
  it.each([
    ['"char"', 18, 25],
    ['name', 19, 25],
    ['regclass', 2205, 25],
    ['"char"[]', 1002, 1009],
    ['name[]', 1003, 1009],
    ['timestamptz[]', 1185, 1115],
    ['oid, which the adapter knows', 26, 26],
    ['int4, which the adapter knows', 23, 23],
    ['interval, which nobody knows', 1186, 1186],
  ])('maps a column of the type %s', (_, given, known) =>
    expect(oids(withKnownTypes(resultOf(given)))).toEqual([known]),
  );

  it('maps the columns of several results', () => {
    expect(withKnownTypes([resultOf(18, 23), resultOf(19)]).map(oids)).toEqual([[25, 23], [25]]);
  });
});

describe('setTypeParsers', () => {
  setTypeParsers(pg.types);
  const parse = (oid: number, text: string) =>
    (pg.types.getTypeParser as (oid: number) => (text: string) => unknown)(oid)(text);

  it.each([
    ['"char"[]', 1002, '{a,NULL}', ['a', null]],
    ['name[]', 1003, '{pg_class}', ['pg_class']],
    ['jsonb[]', 3807, '{"{\\"a\\": 1}",NULL,2}', ['{"a": 1}', null, '2']],
    ['json[]', 199, '{1}', ['1']],
    ['timestamptz[]', 1185, '{"2026-01-01 00:00:00.5+00",NULL}', ['2026-01-01 00:00:00.5', null]],
  ])('parses values of the type %s', (_, oid, text, items) => expect(parse(oid, text)).toEqual(items));
});
