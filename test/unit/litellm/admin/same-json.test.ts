import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sameJson } from '../../../../src/litellm/admin/same-json.ts';

test('the order of fields does not count, that of a list does', () => {
  expect(sameJson({ a: 1, b: { c: 2, d: [3] } }, { b: { d: [3], c: 2 }, a: 1 })).toBe(true);
  expect(sameJson([1, 2], [2, 1])).toBe(false);
  expect(sameJson({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(sameJson({ a: 1 }, [['a', 1]])).toBe(false);
  expect(sameJson(undefined, 'undefined')).toBe(false);
});

test('every value is the same as what a text made of it', () => {
  fc.assert(fc.property(fc.json(), (text) => sameJson(JSON.parse(text), JSON.parse(text))));
});
