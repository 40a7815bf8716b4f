import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDataModel } from '../../../../../src/runtime/native/prisma/data-model.ts';
import { toJsonProtocol } from '../../../../../src/runtime/native/prisma/json-protocol.ts';

const models = parseDataModel(
  readFileSync(new URL('../../../../fixtures/query-engine/schema.prisma', import.meta.url), 'utf8'),
);
const translate = (text: string) => toJsonProtocol(text, models);
const argumentsOf = (text: string) => translate(text).operation.query.arguments;
const json = (value: string) => ({ $type: 'Json', value });
const big = (value: string) => ({ $type: 'BigInt', value });

describe('the operation', () => {
  it.each([
    ['findUniqueAuthor', 'findUnique', 'Author'],
    ['findUniqueAuthorOrThrow', 'findUniqueOrThrow', 'Author'],
    ['findFirstAuthor', 'findFirst', 'Author'],
    ['findFirstAuthorOrThrow', 'findFirstOrThrow', 'Author'],
    ['findManyAuthor', 'findMany', 'Author'],
    ['createOneAuthor', 'createOne', 'Author'],
    ['createManyAuthor', 'createMany', 'Author'],
    ['updateOneAuthor', 'updateOne', 'Author'],
    ['updateManyAuthor', 'updateMany', 'Author'],
    ['upsertOneAuthor', 'upsertOne', 'Author'],
    ['deleteOneAuthor', 'deleteOne', 'Author'],
    ['deleteManyAuthor', 'deleteMany', 'Author'],
    ['aggregateAuthor', 'aggregate', 'Author'],
    ['groupByAuthor', 'groupBy', 'Author'],
    ['findManyLiteLLM_UserTable', 'findMany', 'LiteLLM_UserTable'],
    ['deleteOneEntryOrThrow', 'deleteOne', 'EntryOrThrow'],
  ])('translates %s to %s of %s', (name, action, modelName) => {
    expect(translate(`query { result: ${name} { id } }`)).toMatchObject({
      alias: 'result',
      operation: { action, modelName },
    });
  });

  it.each(['queryRaw', 'executeRaw'])('translates %s without a model, and keeps its parameters as text', (action) => {
    const text = `mutation { result: ${action}(query: "select $1", parameters: "[\\"it's \\\\\\"so\\\\\\"\\"]") }`;
    expect(translate(text).operation).toEqual({
      action,
      query: { arguments: { query: 'select $1', parameters: '["it\'s \\"so\\""]' }, selection: {} },
    });
  });

  it('uses its own name without an alias', () => {
    expect(translate('query { findManyAuthor { id } }').alias).toBe('findManyAuthor');
  });

  it.each([
    ['query { result: dropAuthor { id } }', 'Unknown operation dropAuthor'],
    ['query { ...all }', 'No operation in the request'],
    ['fragment all on Author { id }', 'No operation in the request'],
    ['query { result: findManyAuthor { ...all } }', 'Unsupported selection FragmentSpread'],
    ['query ($id: Int) { result: findManyAuthor(take: $id) { id } }', 'Unsupported variable $id'],
    ['query {', 'Syntax Error: Expected Name, found <EOF>.'],
    ['', 'Syntax Error: Unexpected <EOF>.'],
  ])('refuses %j: %s', (text, message) => expect(() => translate(text)).toThrow(message));
});

describe('the selection', () => {
  it('keeps relations with their arguments', () => {
    const { selection } = translate(`query { result: findManyAuthor {
      id
      books(where: { data: { equals: "[1]" } }, take: 2) { id author { name } }
    } }`).operation.query;
    expect(selection).toEqual({
      id: true,
      books: {
        arguments: { where: { data: { equals: json('[1]') } }, take: 2 },
        selection: { id: true, author: { arguments: {}, selection: { name: true } } },
      },
    });
  });

  it('keeps aggregates', () => {
    const { selection } = translate('query { result: aggregateAuthor { _count { _all } _max { id } } }').operation
      .query;
    expect(selection).toEqual({
      _count: { arguments: {}, selection: { _all: true } },
      _max: { arguments: {}, selection: { id: true } },
    });
  });
});

describe('values', () => {
  it.each([
    ['null', null],
    ['true', true],
    ['-5', -5],
    ['1.5', 1.5],
    ['1e3', 1000],
    ['asc', 'asc'],
    ['"it\'s \\"so\\" \\\\ \\n \\u00e9 😀"', 'it\'s "so" \\ \n é 😀'],
    ['[1, "a", null]', [1, 'a', null]],
    ['{ a: { b: 1 } }', { a: { b: 1 } }],
    ['9007199254740991', 9_007_199_254_740_991],
    ['9007199254740993', big('9007199254740993')],
    ['-9223372036854775808', big('-9223372036854775808')],
  ])('translates the value %s', (text, value) => {
    expect(argumentsOf(`query { result: findManyThing(x: ${text}) { id } }`)).toEqual({ x: value });
  });

  it('translates values of a Float field to numbers, however large', () => {
    const given = argumentsOf(
      'mutation { result: createOneEverything(data: { id: "a", real: 9007199254740993, reals: [1, 9007199254740993], big: 9007199254740993 }) { id } }',
    );
    expect(given.data).toEqual({
      id: 'a',
      real: 9_007_199_254_740_992,
      reals: [1, 9_007_199_254_740_992],
      big: big('9007199254740993'),
    });
  });

  it('translates increments of a Float field to numbers', () => {
    const text = 'mutation { result: updateOneEverything(data: { real: { increment: 9007199254740993 } }) { id } }';
    expect(argumentsOf(text)).toEqual({ data: { real: { increment: 9_007_199_254_740_992 } } });
  });
});

describe('Json values', () => {
  it.each([
    ['when created', 'data: { name: "a", notes: "{}" }', { data: { name: 'a', notes: json('{}') } }],
    [
      'in a list of rows',
      'data: [{ notes: "1" }, { notes: "2" }]',
      { data: [{ notes: json('1') }, { notes: json('2') }] },
    ],
    ['when set', 'data: { notes: { set: "{}" } }', { data: { notes: { set: json('{}') } } }],
    ['except for null', 'data: { notes: null }', { data: { notes: null } }],
    [
      'in an upsert',
      'where: { id: 1 }, create: { notes: "1" }, update: { notes: "2" }',
      { where: { id: 1 }, create: { notes: json('1') }, update: { notes: json('2') } },
    ],
    ['in a filter', 'where: { notes: { not: "1" } }', { where: { notes: { not: json('1') } } }],
    [
      'in a filter by path, whose path is plain',
      'where: { notes: { path: ["a", "b"], equals: "1" } }',
      { where: { notes: { path: ['a', 'b'], equals: json('1') } } },
    ],
    [
      'but for parts of texts',
      'where: { notes: { path: ["a"], string_contains: "x", string_starts_with: "y", string_ends_with: "z" } }',
      { where: { notes: { path: ['a'], string_contains: 'x', string_starts_with: 'y', string_ends_with: 'z' } } },
    ],
    [
      'in combined filters',
      'where: { AND: [{ notes: { equals: "1" } }, { NOT: { notes: { equals: "2" } } }] }',
      { where: { AND: [{ notes: { equals: json('1') } }, { NOT: { notes: { equals: json('2') } } }] } },
    ],
    ['but not in an order', 'orderBy: [{ notes: "asc" }]', { orderBy: [{ notes: 'asc' }] }],
    ['but not in a list of fields', 'by: ["notes"], distinct: ["notes"]', { by: ['notes'], distinct: ['notes'] }],
  ])('tags Json values %s', (_, given, expected) => {
    expect(argumentsOf(`mutation { result: updateManyAuthor(${given}) { id } }`)).toEqual(expected);
  });

  it('tags Json values in a list of documents', () => {
    const text =
      'mutation { result: updateOneEverything(data: { documents: { set: ["1", "{}"], push: "2" } }) { id } }';
    expect(argumentsOf(text)).toEqual({ data: { documents: { set: [json('1'), json('{}')], push: json('2') } } });
  });

  it('tags Json values in a field that has the name of an argument', () => {
    const text = 'mutation { result: createOneEverything(data: { id: "a", text: "b", data: "[1]" }) { id } }';
    expect(argumentsOf(text)).toEqual({ data: { id: 'a', text: 'b', data: json('[1]') } });
  });

  it.each([
    ['create: { title: "t", data: "1" }', { create: { title: 't', data: json('1') } }],
    ['create: [{ title: "t", data: "1" }]', { create: [{ title: 't', data: json('1') }] }],
    ['createMany: { data: [{ title: "t", data: "1" }] }', { createMany: { data: [{ title: 't', data: json('1') }] } }],
    [
      'connectOrCreate: { where: { id: 1 }, create: { title: "t", data: "1" } }',
      { connectOrCreate: { where: { id: 1 }, create: { title: 't', data: json('1') } } },
    ],
    [
      'update: [{ where: { id: 1 }, data: { title: "t", data: "1" } }]',
      { update: [{ where: { id: 1 }, data: { title: 't', data: json('1') } }] },
    ],
    [
      'updateMany: { where: { title: "t" }, data: { data: "1" } }',
      { updateMany: { where: { title: 't' }, data: { data: json('1') } } },
    ],
    [
      'upsert: { where: { id: 1 }, create: { data: "1" }, update: { data: "2" } }',
      { upsert: { where: { id: 1 }, create: { data: json('1') }, update: { data: json('2') } } },
    ],
    ['connect: { id: 1 }', { connect: { id: 1 } }],
    ['disconnect: true', { disconnect: true }],
    ['deleteMany: [{ data: { equals: "1" } }]', { deleteMany: [{ data: { equals: json('1') } }] }],
  ])('tags Json values in related rows: %s', (given, expected) => {
    const text = `mutation { result: updateOneAuthor(data: { name: "a", books: { ${given} } }) { id } }`;
    expect(argumentsOf(text)).toEqual({ data: { name: 'a', books: expected } });
  });

  it.each([
    ['update: { name: "b", notes: "1" }', { update: { name: 'b', notes: json('1') } }],
    [
      'update: { where: { id: 1 }, data: { notes: "1" } }',
      { update: { where: { id: 1 }, data: { notes: json('1') } } },
    ],
  ])('tags Json values in a single related row: %s', (given, expected) => {
    const text = `mutation { result: updateOneBook(data: { author: { ${given} } }) { id } }`;
    expect(argumentsOf(text)).toEqual({ data: { author: expected } });
  });

  it.each([
    ['books: { some: { data: { equals: "1" } } }', 'Author', { books: { some: { data: { equals: json('1') } } } }],
    ['author: { is: { notes: { equals: "1" } } }', 'Book', { author: { is: { notes: { equals: json('1') } } } }],
    ['author: { notes: { equals: "1" } }', 'Book', { author: { notes: { equals: json('1') } } }],
    ['author: null', 'Book', { author: null }],
    ['title_author_id: { title: "t", author_id: 1 }', 'Book', { title_author_id: { title: 't', author_id: 1 } }],
  ])('tags Json values in a filter by a relation: %s', (given, model, expected) => {
    expect(argumentsOf(`query { result: findMany${model}(where: { ${given} }) { id } }`)).toEqual({ where: expected });
  });
});
