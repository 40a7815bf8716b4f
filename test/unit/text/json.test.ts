import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { jsonAs, jsonValue } from '../../../src/text/json.ts';

it.each([
  ['{"a":1}', { a: 1 }],
  ['\uFEFF{"a":1}', { a: 1 }],
  ['null', null],
  ['{"a":1', undefined],
  ['', undefined],
])('reads %j', (text, value) => {
  expect(jsonValue(text)).toEqual(value);
});

it('returns only what the schema allows', () => {
  const schema = z.object({ a: z.number() });
  expect(jsonAs(schema, '{"a":1,"b":2}')).toEqual({ a: 1 });
  expect(jsonAs(schema, '{"a":"1"}')).toBeUndefined();
  expect(jsonAs(schema, '{"a":')).toBeUndefined();
});
