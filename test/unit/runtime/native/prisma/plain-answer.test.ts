import { describe, expect, it } from 'vitest';
import { plainAnswer, rowObjects } from '../../../../../src/runtime/native/prisma/plain-answer.ts';

describe('plainAnswer', () => {
  it.each([
    ['BigInt', '9223372036854775807', '9223372036854775807'],
    ['Decimal', '0.10', '0.10'],
    ['DateTime', '2026-01-01T00:00:00.123Z', '2026-01-01T00:00:00.123Z'],
    ['Bytes', 'AP8=', 'AP8='],
    ['Json', '{"a":1}', '{"a":1}'],
  ])('returns the value of a %s', ($type, value, plain) => expect(plainAnswer({ $type, value })).toBe(plain));

  it('removes the tags in rows, relations and lists', () => {
    const answer = [
      { id: 1, text: null, big: { $type: 'BigInt', value: '1' }, lists: [{ $type: 'Json', value: '{}' }] },
      { id: 2, books: [{ price: { $type: 'Decimal', value: '1.5' } }] },
    ];
    expect(plainAnswer(answer)).toEqual([
      { id: 1, text: null, big: '1', lists: ['{}'] },
      { id: 2, books: [{ price: '1.5' }] },
    ]);
  });

  it.each([null, 5, true, 'a'])('returns %j unchanged', (value) => expect(plainAnswer(value)).toBe(value));

  it('leaves the text of a Json value unchanged, whatever it contains', () => {
    const value = JSON.stringify({ $type: 'BigInt', value: '1' });
    expect(plainAnswer({ data: { $type: 'Json', value } })).toEqual({ data: value });
  });
});

describe('rowObjects', () => {
  it('adds the type to each value, and null to a missing one', () => {
    const rows = rowObjects({
      columns: ['a', 'b', 'c'],
      types: ['int', 'bigint', 'string'],
      rows: [
        [1, '9007199254740993', 'x'],
        [2, '1', null],
      ],
    });
    expect(rows).toEqual([
      {
        a: { prisma__type: 'int', prisma__value: 1 },
        b: { prisma__type: 'bigint', prisma__value: '9007199254740993' },
        c: { prisma__type: 'string', prisma__value: 'x' },
      },
      {
        a: { prisma__type: 'int', prisma__value: 2 },
        b: { prisma__type: 'bigint', prisma__value: '1' },
        c: { prisma__type: 'null', prisma__value: null },
      },
    ]);
  });

  it('adds the type to each item of an array', () => {
    const rows = rowObjects({ columns: ['a'], types: ['string-array'], rows: [[['x', null]], [null]] });
    expect(rows).toEqual([
      {
        a: {
          prisma__type: 'array',
          prisma__value: [
            { prisma__type: 'string', prisma__value: 'x' },
            { prisma__type: 'null', prisma__value: null },
          ],
        },
      },
      { a: { prisma__type: 'null', prisma__value: null } },
    ]);
  });

  it('returns nothing for no rows', () => {
    expect(rowObjects({ columns: ['a'], types: ['int'], rows: [] })).toEqual([]);
  });

  it.each([null, 3, []])('returns %j unchanged', (value) => expect(rowObjects(value)).toEqual(value));
});
